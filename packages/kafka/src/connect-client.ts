import type { ConnectionLog } from './connection-log.ts'
import {
  answerOf,
  type NativeClient,
  type NativeMetadata,
  type NativeProducer,
} from './native-client.ts'

/** Long enough for a slow start, short enough to be told within 8 s. */
const CONNECT_MS = 6_000
/** A second broker may answer where the first has failed for good. */
const GRACE_MS = 300

/**
 * Connects a client and gives what it learned of the cluster.
 * @throws BROKER_UNREACHABLE, BROKER_REFUSED with the cause that the client's log gave
 */
export async function connectClient(
  client: NativeClient,
  connections: ConnectionLog,
): Promise<NativeMetadata> {
  const startedAt = Date.now()
  connections.watch(client)
  const connecting = answerOf<NativeMetadata>(done =>
    client.connect({ timeout: CONNECT_MS, allTopics: false }, done),
  )
  const hopeless = connections.hopeless().then(async () => {
    await new Promise(resolve => setTimeout(resolve, GRACE_MS))
    throw new Error('connecting was given up')
  })
  // The one that comes second has nobody to tell.
  connecting.catch(() => {})
  hopeless.catch(() => {})
  try {
    return await Promise.race([connecting, hopeless])
  } catch (cause) {
    throw connections.error(Date.now() - startedAt, cause)
  }
}

/** Closes a client; what hinders it is of no interest any more. */
export function closeClient(client: NativeClient): Promise<void> {
  return new Promise(resolve => {
    if (!client.isConnected()) resolve()
    else client.disconnect(resolve)
  })
}

/**
 * Closes a producer. What it still holds is dropped, not sent: who closes has flushed, or gives the
 * epoch up, and then others may have written newer records by now.
 */
export function closeProducer(client: NativeProducer): Promise<void> {
  return new Promise(resolve => {
    if (!client.isConnected()) resolve()
    else client.disconnect(0, resolve)
  })
}
