import type { TransportFactory } from '@millrace/core'
import { KafkaTransport } from './kafka-transport.ts'
import { loadClient } from './load-client.ts'
import { CheckedSettings, type KafkaSettings } from './settings.ts'

/**
 * A Kafka cluster as the broker of an application.
 *
 * Settings are those of librdkafka by their own names; security, sockets, batching and timeouts can
 * be set, what Millrace's guarantees stand on cannot. Nothing is connected before the application
 * runs, and secrets appear in no log and no error.
 *
 * @throws INVALID_ARGUMENT at this line for a setting that is unknown, refused or of the wrong type
 * @example
 * const broker = kafka({ 'bootstrap.servers': 'localhost:9092' })
 * const app = new Application({ id: 'shop-totals', broker })
 */
export function kafka(settings: KafkaSettings): TransportFactory {
  const checked = new CheckedSettings(settings)
  const traits = {
    name: `kafka ${checked.bootstrap}`,
    abilities: { transactions: true, durable: true, partitionCountFixed: null },
  }
  return { create: context => new KafkaTransport(checked, traits, context, loadClient) }
}
