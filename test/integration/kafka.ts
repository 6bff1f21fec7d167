/**
 * Global set-up of the integration tests: a broker of their own for each run, on free ports. It
 * ends with the run, also when the run is killed. In a test: `const bootstrap = inject('kafka')`.
 */
import type { TestProject } from 'vitest/node'
import { startKafka } from '../../scripts/services/kafka.mjs'
import { RUN_LIFETIME_MS } from './run-lifetime.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of a Kafka 4.1 broker that this run owns; topics must be created. */
    kafka: string
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const broker = await startKafka({
    say: line => console.log(line),
    lifetimeMs: RUN_LIFETIME_MS,
  })
  project.provide('kafka', broker.bootstrap)
  return broker.stop
}
