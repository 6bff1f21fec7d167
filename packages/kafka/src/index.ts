/** Kafka for Millrace: a cluster, or one in this process. */
export { type EmbeddedBroker, embeddedBroker } from './embedded-broker.ts'
export { kafka } from './kafka.ts'
export type { KafkaSettings, TokenRefresh } from './settings.ts'
