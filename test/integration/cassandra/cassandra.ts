/**
 * Global set-up of the tests against Cassandra: one node for all of them, on free ports. It ends
 * with the run, also when the run is killed. In a test: `const where = inject('cassandra')`.
 */
import type { TestProject } from 'vitest/node'
import { startCassandra } from '../../../scripts/services/cassandra.mjs'
import { RUN_LIFETIME_MS } from '../run-lifetime.ts'

/** Options of a client. */
export interface CassandraPlace {
  readonly contactPoints: string[]
  readonly localDataCenter: string
  readonly protocolOptions: { readonly port: number }
}

declare module 'vitest' {
  interface ProvidedContext {
    /** A Cassandra 5 node that this run owns. */
    cassandra: CassandraPlace
  }
}

/** `MILLRACE_CASSANDRA=127.0.0.1:9042` has the tests use a node that runs already. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [host, running] = (process.env.MILLRACE_CASSANDRA ?? '').split(':')
  if (host && running) {
    const protocolOptions = { port: Number(running) }
    project.provide('cassandra', {
      contactPoints: [host],
      localDataCenter: 'datacenter1',
      protocolOptions,
    })
    return async () => {}
  }
  const { contactPoints, localDataCenter, port, stop } = await startCassandra({
    lifetimeMs: RUN_LIFETIME_MS,
    say: line => console.log(line),
  })
  project.provide('cassandra', {
    contactPoints: [...contactPoints],
    localDataCenter,
    protocolOptions: { port },
  })
  return stop
}
