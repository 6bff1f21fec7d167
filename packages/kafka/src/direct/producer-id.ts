/** A number for a producer, so that a batch that is sent twice is written once. */
import { brokerError, isUnreachable } from '../broker-errors.ts'
import type { Cluster } from '../wire/cluster.ts'
import { INIT_PRODUCER_ID } from '../wire/init-producer-id.ts'
import type { BatchIdentity } from './outgoing-partition.ts'
import { produceError } from './produce-errors.ts'

const AGAIN_MS = 50
const ASK_MS_MAX = 10_000

/** @throws BROKER_UNREACHABLE, BROKER_REFUSED */
export async function newProducerId(cluster: Cluster): Promise<BatchIdentity> {
  const deadline = performance.now() + ASK_MS_MAX
  for (;;) {
    const connection = await cluster.anyConnection()
    const asked = { transactionalId: null, transactionTimeoutMs: 0, producerId: -1n, epoch: -1 }
    const { errorCode, producerId, epoch } = await connection.send(INIT_PRODUCER_ID, asked)
    if (errorCode === 0) return { producerId, epoch, transactionalId: null }
    const error = produceError(errorCode, null)
    if (!isUnreachable(error) || performance.now() > deadline) {
      throw brokerError('no id for a producer was given', error, {}, 'Write')
    }
    await new Promise(resolve => setTimeout(resolve, AGAIN_MS))
  }
}
