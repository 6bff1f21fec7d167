/**
 * The settings of librdkafka for connections of our own: what security.protocol, certificates,
 * SASL, sizes and times mean for them.
 *
 *   both      it means the same here
 *   control   it concerns librdkafka alone: its logs, its threads, what it writes
 *   fallback  it has no meaning here, so reading goes through librdkafka where it is set
 */
import { readFile, stat } from 'node:fs/promises'
import type { ConnectionOptions as TlsOptions } from 'node:tls'
import { MillraceError } from '@millrace/core'
import type { DirectSettings } from './direct/direct-fetcher.ts'
import type { CheckedSettings } from './settings.ts'
import type { ConnectionOptions, Endpoint, WireSecurity } from './wire/connection.ts'
import type { OauthToken, SaslSettings } from './wire/sasl.ts'

type Meaning = 'both' | 'control' | 'fallback'

const MEANINGS: Readonly<Record<Meaning, string>> = {
  both: `
    bootstrap.servers client.id client.rack socket.timeout.ms socket.connection.setup.timeout.ms
    receive.message.max.bytes security.protocol sasl.mechanism sasl.username sasl.password
    oauthbearer_token_refresh_cb ssl.key.location ssl.key.pem ssl.key.password
    ssl.certificate.location ssl.certificate.pem ssl.ca.location ssl.ca.pem ssl.keystore.location
    ssl.keystore.password enable.ssl.certificate.verification
    ssl.endpoint.identification.algorithm fetch.wait.max.ms fetch.max.bytes fetch.min.bytes
    max.partition.fetch.bytes check.crcs`,
  control: `
    debug log_level metadata.recovery.strategy metadata.recovery.rebootstrap.trigger.ms
    metadata.max.age.ms topic.metadata.refresh.interval.ms
    topic.metadata.refresh.fast.interval.ms topic.metadata.refresh.sparse
    topic.metadata.propagation.max.ms message.max.bytes message.copy.max.bytes
    max.in.flight.requests.per.connection socket.send.buffer.bytes socket.receive.buffer.bytes
    socket.keepalive.enable socket.nagle.disable socket.max.fails broker.address.ttl
    connections.max.idle.ms reconnect.backoff.ms reconnect.backoff.max.ms retry.backoff.ms
    retry.backoff.max.ms enable.metrics.push enable.random.seed api.version.request.timeout.ms
    log.connection.close log.thread.name fetch.error.backoff.ms`,
  fallback: `
    client.dns.lookup broker.address.family ssl.cipher.suites ssl.curves.list ssl.sigalgs.list
    https.ca.location https.ca.pem ssl.ca.certificate.stores ssl.crl.location ssl.providers
    ssl.engine.location ssl.engine.id sasl.kerberos.service.name sasl.kerberos.principal
    sasl.kerberos.kinit.cmd sasl.kerberos.keytab sasl.kerberos.min.time.before.relogin
    enable.sasl.oauthbearer.unsecure.jwt sasl.oauthbearer.method sasl.oauthbearer.grant.type
    sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.metadata.authentication.type
    sasl.oauthbearer.config sasl.oauthbearer.client.id
    sasl.oauthbearer.client.credentials.client.id
    sasl.oauthbearer.client.credentials.client.secret sasl.oauthbearer.client.secret
    sasl.oauthbearer.scope sasl.oauthbearer.extensions sasl.oauthbearer.token.endpoint.url
    sasl.oauthbearer.sub.claim.name sasl.oauthbearer.assertion.private.key.file
    sasl.oauthbearer.assertion.private.key.passphrase sasl.oauthbearer.assertion.private.key.pem
    sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.claim.aud
    sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss
    sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds
    sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.jwt.template.file`,
}

/** What each setting of connections and of reading means for our own connections. */
export const DIRECT_MEANINGS: ReadonlyMap<string, Meaning> = new Map(
  (Object.entries(MEANINGS) as [Meaning, string][]).flatMap(([meaning, names]) =>
    names
      .trim()
      .split(/\s+/)
      .map(name => [name, meaning] as const),
  ),
)

export interface DirectPlan {
  readonly bootstrap: readonly Endpoint[]
  readonly security: WireSecurity
  readonly connection: ConnectionOptions
  readonly fetch: DirectSettings
  readonly bytesMin: number
  readonly rack: string
}

const MIB = 1024 * 1024
/** A partition that is resumed waits for a request under way no longer than this. */
const WAIT_MS_MAX = 100
const WAIT_MS = 50
const PORT = 9092

/** A string: why reading goes through librdkafka. @throws when a file can't be read */
export async function directPlan(settings: CheckedSettings): Promise<DirectPlan | string> {
  for (const [name, meaning] of DIRECT_MEANINGS) {
    if (meaning === 'fallback' && settings.get(name) !== undefined) return `"${name}" is set`
  }
  const protocol = String(settings.get('security.protocol') ?? 'plaintext').toLowerCase()
  const sasl = protocol.startsWith('sasl_') ? saslOf(settings) : null
  if (typeof sasl === 'string') return sasl
  const tls = protocol.endsWith('ssl') ? await tlsOf(settings) : null
  if (typeof tls === 'string') return tls
  const number = (name: string, value: number): number => Number(settings.get(name) ?? value)
  const partitionBytesMax = number('max.partition.fetch.bytes', 4 * MIB)
  const answerBytesMax = number('fetch.max.bytes', 50 * MIB)
  return {
    bootstrap: settings.bootstrap.split(',').map(endpointOf),
    security: { tls, sasl },
    connection: {
      clientId: String(settings.get('client.id') ?? 'millrace'),
      connectTimeoutMs: number('socket.connection.setup.timeout.ms', 10_000),
      requestTimeoutMs: number('socket.timeout.ms', 30_000),
      responseBytesMax: number('receive.message.max.bytes', 100 * MIB),
    },
    fetch: {
      waitMs: Math.min(WAIT_MS_MAX, number('fetch.wait.max.ms', WAIT_MS)),
      partitionBytesMax,
      answerBytesMax,
      checkCrc: settings.get('check.crcs') !== false && settings.get('check.crcs') !== 'false',
      batchBytesMax: number('receive.message.max.bytes', 100 * MIB),
    },
    bytesMin: number('fetch.min.bytes', 1),
    rack: String(settings.get('client.rack') ?? ''),
  }
}

/** `host`, `host:port`, `[::1]:port`, each perhaps with `PROTOCOL://` before it. */
export function endpointOf(text: string): Endpoint {
  const bare = text.trim().replace(/^[a-z_]+:\/\//i, '')
  const [, bracketed, plain, port] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(bare) ?? []
  const host = bracketed ?? plain
  if (host === undefined || host === '') {
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `kafka settings: "bootstrap.servers" has ${JSON.stringify(text)}, where host:port is ` +
        'expected. Correct it.',
    )
  }
  return { host, port: port === undefined ? PORT : Number(port) }
}

function saslOf(settings: CheckedSettings): SaslSettings | string {
  const mechanism = String(settings.get('sasl.mechanism') ?? 'GSSAPI').toUpperCase()
  const username = String(settings.get('sasl.username') ?? '')
  const password = String(settings.get('sasl.password') ?? '')
  if (mechanism === 'PLAIN') return { mechanism, username, password }
  if (mechanism === 'SCRAM-SHA-256' || mechanism === 'SCRAM-SHA-512') {
    return { mechanism, username, password }
  }
  const refresh = settings.get('oauthbearer_token_refresh_cb')
  if (mechanism !== 'OAUTHBEARER' || typeof refresh !== 'function') {
    return `"sasl.mechanism" is ${mechanism}`
  }
  return { mechanism, token: () => tokenOf(refresh as TokenFunction) }
}

interface Token {
  readonly tokenValue: string
  readonly extensions?: Readonly<Record<string, string>> | ReadonlyMap<string, string>
}

/** The form of the Kafka client: a promise, or a callback. */
type TokenFunction = (
  config: string,
  done: (error: unknown, token?: Token) => void,
) => PromiseLike<Token> | undefined

/** Who is asked for a token and says nothing must not hold a connection for ever. */
const TOKEN_MS_MAX = 30_000
const NO_TOKEN: Token = { tokenValue: '' }

async function tokenOf(refresh: TokenFunction): Promise<OauthToken> {
  let timer: NodeJS.Timeout | undefined
  const token = await new Promise<Token>((resolve, reject) => {
    const late = `"oauthbearer_token_refresh_cb" gave no token within ${TOKEN_MS_MAX} ms`
    timer = setTimeout(() => reject(new Error(late)), TOKEN_MS_MAX)
    const done = (error: unknown, given: Token = NO_TOKEN): void =>
      error ? reject(error) : resolve(given)
    refresh('', done)?.then(given => done(null, given), reject)
  }).finally(() => clearTimeout(timer))
  const { tokenValue: value, extensions = {} } = token
  if (typeof value !== 'string' || value === '') {
    throw new Error('"oauthbearer_token_refresh_cb" gave something without a "tokenValue"')
  }
  const pairs = extensions instanceof Map ? extensions : Object.entries(extensions)
  return { value, extensions: Object.fromEntries(pairs) }
}

/** Where systems keep the certificates they trust, as librdkafka looks for them. */
const SYSTEM_CAS = [
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/certs/ca-bundle.crt',
  '/etc/pki/tls/certs/ca-bundle.trust.crt',
  '/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
  '/usr/local/share/certs/ca-root-nss.crt',
  '/etc/ssl/certs/ca-certificates.crt',
]

async function tlsOf(settings: CheckedSettings): Promise<TlsOptions | string> {
  const text = async (location: string, pem: string): Promise<string | Buffer | undefined> => {
    const inline = settings.get(pem)
    const file = settings.get(location)
    if (inline !== undefined) return String(inline)
    return file === undefined ? undefined : await readFile(String(file))
  }
  const isOff = (name: string, off: string): boolean => String(settings.get(name)) === off
  const folder = settings.get('ssl.ca.location') ?? 'probe'
  if (folder !== 'probe' && (await isFolder(String(folder)))) return '"ssl.ca.location" is a folder'
  const isNamed = folder !== 'probe' || settings.get('ssl.ca.pem') !== undefined
  const keystore = settings.get('ssl.keystore.location')
  const password = keystore === undefined ? 'ssl.key.password' : 'ssl.keystore.password'
  const passphrase = settings.get(password)
  return {
    ca: isNamed ? await text('ssl.ca.location', 'ssl.ca.pem') : await systemCa(),
    cert: await text('ssl.certificate.location', 'ssl.certificate.pem'),
    key: await text('ssl.key.location', 'ssl.key.pem'),
    pfx: keystore === undefined ? undefined : await readFile(String(keystore)),
    passphrase: passphrase === undefined ? undefined : String(passphrase),
    rejectUnauthorized: !isOff('enable.ssl.certificate.verification', 'false'),
    ...(isOff('ssl.endpoint.identification.algorithm', 'none') && {
      checkServerIdentity: () => undefined,
    }),
  }
}

/** Undefined: the system has none, and those that come with Node are trusted. */
async function systemCa(): Promise<Buffer | undefined> {
  for (const file of SYSTEM_CAS) {
    const found = await readFile(file).catch(() => undefined)
    if (found !== undefined) return found
  }
  return undefined
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}
