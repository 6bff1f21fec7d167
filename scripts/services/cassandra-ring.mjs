// Waits until every node of a Cassandra cluster sees every other one.
//
// A node answers its clients before the others know that it is there, and a node that was killed is
// held for dead for a while after it is back. Each is asked for rows that all nodes must have a
// part in: `system_traces` is kept twice, by whoever is next in the ring, so that reading all of it
// with consistency ALL fails as long as the node that is asked takes one node for dead.

import { setTimeout as sleep } from 'node:timers/promises'
import { Client, policies, types } from 'cassandra-driver'
import { ServiceError } from './service-error.mjs'

const TIMEOUT_MS = 60_000
const QUESTION = 'SELECT session_id FROM system_traces.sessions'

/**
 * @param {readonly string[]} addresses of all nodes @param {number} port
 * @param {number} [timeoutMs] for all of them together
 */
export async function untilAllUp(addresses, port, timeoutMs = TIMEOUT_MS) {
  const deadline = Date.now() + timeoutMs
  for (const address of addresses) {
    for (;;) {
      const failure = await failureAt(address, port)
      if (failure === null) break
      if (Date.now() > deadline) {
        throw new ServiceError(
          `node ${address} did not see all nodes within ${timeoutMs / 1000} s: ${failure}`,
        )
      }
      await sleep(250)
    }
  }
}

/** @param {string} address @param {number} port @returns {Promise<string | null>} */
async function failureAt(address, port) {
  const { AllowListPolicy, RoundRobinPolicy } = policies.loadBalancing
  const client = new Client({
    contactPoints: [address],
    localDataCenter: 'datacenter1',
    protocolOptions: { port },
    policies: {
      loadBalancing: new AllowListPolicy(new RoundRobinPolicy(), [`${address}:${port}`]),
    },
    socketOptions: { connectTimeout: 2_000, readTimeout: 5_000 },
  })
  try {
    await client.execute(QUESTION, [], { consistency: types.consistencies.all })
    return null
  } catch (error) {
    return /** @type {Error} */ (error).message
  } finally {
    await client.shutdown()
  }
}
