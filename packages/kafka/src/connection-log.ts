/**
 * Remembers why connections fail.
 *
 * The errors that librdkafka gives to calls say "broker transport failure" whatever happened; the
 * cause is only in its log, in lines of the facility FAIL, and is gone when the call has failed.
 * Its `event.error` comes in floods and is never logged; a cause is logged once until it changes.
 */
import { MillraceError, type TransportLog } from '@millrace/core'
import type { NativeClient, NativeLogLine } from './native-client.ts'

/** `[thrd:main]: host:9092/bootstrap: Connect to … failed: Connection refused (after 0ms in …)` */
const THREAD = /^\[thrd:[^\]]*\]:\s*/
const BROKER = /^(?<broker>(?:[a-z_]+:\/\/)?[^\s/]+:\d+)\/(?:bootstrap|\d+|GroupCoordinator):\s*/i
const TIMES = /\s*\((?:after \d|in state).*$/

/** Trying again will not help. */
const HOPELESS = /SASL|authentication|SSL|TLS|certificate|Failed to resolve|Invalid response size/i

interface Failure {
  readonly broker: string
  readonly reason: string
}

export class ConnectionLog {
  readonly #bootstrap: string
  readonly #redact: (text: string) => string
  readonly #log: TransportLog
  readonly #failures = new Map<string, Failure>()
  #told = ''
  #onHopeless: () => void = () => {}

  constructor(bootstrap: string, redact: (text: string) => string, log: TransportLog) {
    this.#bootstrap = bootstrap
    this.#redact = redact
    this.#log = log
  }

  watch(client: NativeClient): void {
    client.on('event.log', line => this.note(line))
    // Without a listener an emitter throws; what counts comes with the calls and in the log.
    client.on('event.error', () => {})
  }

  note({ fac, severity, message }: NativeLogLine): void {
    const isFailure = fac === 'FAIL'
    // Most lines of a client that says much tell nothing here.
    if (!isFailure && severity > 3) return
    const text = this.#redact(message)
    if (!isFailure) {
      this.#log.warn({ facility: fac }, `kafka client: ${text}`)
      return
    }
    const line = text.replace(THREAD, '').replace(TIMES, '')
    const broker = BROKER.exec(line)?.groups?.['broker'] ?? 'broker'
    const reason = line.replace(BROKER, '').trim()
    this.#failures.set(broker, { broker, reason })
    if (reason !== this.#told && !/Disconnected/.test(reason)) {
      this.#told = reason
      this.#log.warn({ broker }, `connection to ${broker}: ${reason}`)
    }
    if (this.#isHopeless()) this.#onHopeless()
  }

  /** Forgets what was; resolves when every broker named has failed in a way that lasts. */
  hopeless(): Promise<void> {
    this.#failures.clear()
    return new Promise(resolve => {
      this.#onHopeless = resolve
    })
  }

  /** Why no broker can be reached, as far as the client has said. */
  error(waitedMs: number, cause: unknown): MillraceError {
    const last = [...this.#failures.values()].at(-1)
    const seconds = Math.max(1, Math.round(waitedMs / 1000))
    const reason = last?.reason ?? 'nobody answered'
    if (/SASL|authentication/i.test(reason)) {
      return new MillraceError(
        'BROKER_REFUSED',
        `the broker at ${this.#bootstrap} refused the connection: ${reason}. ${advice(reason)}`,
        { cause: this.#clean(cause) },
      )
    }
    return new MillraceError(
      'BROKER_UNREACHABLE',
      `no Kafka broker answered at ${this.#bootstrap} within ${seconds} s: ${reason}. ` +
        advice(reason),
      { cause: this.#clean(cause), retriable: true },
    )
  }

  #isHopeless(): boolean {
    const brokers = this.#bootstrap.split(',').length
    const hopeless = [...this.#failures.values()].filter(({ reason }) => HOPELESS.test(reason))
    return hopeless.length >= brokers
  }

  #clean(cause: unknown): unknown {
    if (cause instanceof Error) cause.message = this.#redact(cause.message)
    return cause
  }
}

function advice(reason: string): string {
  if (/resolve/i.test(reason)) {
    return 'Check the name in "bootstrap.servers", and what the broker advertises.'
  }
  if (/connection refused/i.test(reason)) return 'Start the broker, or correct host and port.'
  if (/SASL|authentication/i.test(reason)) {
    return 'Check "sasl.mechanism", "sasl.username" and "sasl.password".'
  }
  if (/SSL|TLS|certificate/i.test(reason)) {
    return 'Check "security.protocol" and the certificates; the port may speak plain text.'
  }
  if (/response size/i.test(reason)) {
    return 'This port does not speak the Kafka protocol, or wants TLS ("security.protocol").'
  }
  return 'Check host and port, firewalls, and whether the listener wants TLS.'
}
