/**
 * The client of the user, or one made of the user's options, which lives as long as it
 * is used.
 */
import { MillraceError } from '@millrace/core'
import { Client, type ClientOptions, policies } from 'cassandra-driver'

export class Connection {
  readonly #given: Client | ClientOptions
  #client: Client | null = null
  #users = 0

  constructor(given: Client | ClientOptions) {
    const isClient = isClientLike(given)
    const isOptions = typeof given === 'object' && given !== null && !isClient
    if (!isClient && !isOptions) {
      throw new MillraceError(
        'INVALID_ARGUMENT',
        'cassandra needs a Client of cassandra-driver, or the options of one: ' +
          "{ contactPoints: ['localhost'], localDataCenter: 'datacenter1' }.",
      )
    }
    this.#given = given
  }

  /** To be given back with `release`. It connects at its first request. */
  acquire(): Client {
    this.#users++
    this.#client ??= isClientLike(this.#given) ? this.#given : new Client(withDefaults(this.#given))
    return this.#client
  }

  async release(): Promise<void> {
    this.#users--
    if (this.#users > 0 || isClientLike(this.#given)) return
    const client = this.#client
    this.#client = null
    await client?.shutdown()
  }
}

/** A node that is away is looked for every few seconds; the driver's own pauses grow to minutes. */
function withDefaults(options: ClientOptions): ClientOptions {
  const reconnection = new policies.reconnection.ExponentialReconnectionPolicy(500, 5_000, false)
  return { ...options, policies: { reconnection, ...options.policies } }
}

/** Also of another copy of the driver. */
function isClientLike(given: Client | ClientOptions): given is Client {
  return given instanceof Client || typeof (given as Client | null)?.batch === 'function'
}
