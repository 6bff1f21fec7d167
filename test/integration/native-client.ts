/** The Kafka client that @millrace/kafka depends on, for what only a foreign program does. */
import { createRequire } from 'node:module'

const require = createRequire(new URL('../../packages/kafka/package.json', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: the client's own classes, used as JavaScript does
const client: any = require('@confluentinc/kafka-javascript')

// biome-ignore lint/suspicious/noExplicitAny: as above
type Native = any

/** Calls a method that takes a callback last. */
export function call<T>(target: Native, method: string, ...args: readonly unknown[]): Promise<T> {
  return new Promise((resolve, reject) => {
    target[method](...args, (error: Error | null, result: T) =>
      error ? reject(error) : resolve(result),
    )
  })
}

export async function nativeProducer(conf: object): Promise<Native> {
  const producer = new client.Producer(conf, {})
  await call(producer, 'connect', { timeout: 10_000, allTopics: false })
  return producer
}

export function disconnect(target: Native): Promise<void> {
  return new Promise(resolve => target.disconnect(() => resolve()))
}

/** Runs something with a client for administration. */
export async function withAdmin<T>(
  bootstrap: string,
  use: (admin: Native) => Promise<T>,
): Promise<T> {
  const admin = client.AdminClient.create({ 'bootstrap.servers': bootstrap })
  try {
    return await use(admin)
  } finally {
    admin.disconnect()
  }
}
