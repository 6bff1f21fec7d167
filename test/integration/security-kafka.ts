/**
 * A broker with a listener for each way to be reached: plain, TLS, TLS with a certificate of the
 * client, SASL over each, and one whose certificate has expired. Certificates are made here.
 */
import { execFileSync } from 'node:child_process'
import { pbkdf2Sync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Connection } from '../../packages/kafka/src/wire/connection.ts'
import type { WireApi } from '../../packages/kafka/src/wire/wire-api.ts'
import { startKafka } from '../../scripts/services/kafka.mjs'
import { freePorts } from '../../scripts/services/ports.mjs'

export const USER = 'app'
export const PASSWORD = 'app,secret=1'
export const KEY_PASSWORD = 'key-secret-1'

const LISTENERS = ['SSL', 'MUTUAL', 'EXPIRED', 'SASL', 'SASLSSL'] as const
type Listener = (typeof LISTENERS)[number]

export interface SecurityKafka {
  readonly open: string
  /** host:port; the certificates are for `localhost`, not for its address. */
  address(listener: Listener, host?: string): string
  /** A file made for the test: ca.pem, other-ca.pem, client.pem, client.key, client.p12. */
  file(name: string): string
  stop(): Promise<void>
}

/** @param sessionMs how long an authentication holds */
export async function startSecurityKafka(sessionMs: number): Promise<SecurityKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-security-'))
  const file = (name: string): string => join(folder, name)
  makeCertificates(folder)
  const [port = 0, controllerPort = 0, ...others] = await freePorts(2 + LISTENERS.length)
  const ports = new Map(LISTENERS.map((name, i) => [name, others[i] as number]))
  const secured = LISTENERS.map(name => `${name}://localhost:${ports.get(name)}`).join(',')
  const listeners = `PLAINTEXT://127.0.0.1:${port},${secured}`
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required`
  const oauth = 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required'
  const logins = ['sasl', 'saslssl'].flatMap(name => [
    [`listener.name.${name}.plain.sasl.jaas.config`, `${plain} user_${USER}="${PASSWORD}";`],
    [`listener.name.${name}.scram-sha-256.sasl.jaas.config`, scram],
    [`listener.name.${name}.scram-sha-512.sasl.jaas.config`, scram],
    [
      `listener.name.${name}.oauthbearer.sasl.jaas.config`,
      `${oauth} unsecuredLoginStringClaim_sub="${USER}";`,
    ],
  ])
  const settings = {
    listeners: `${listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': listeners,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SSL:SSL,MUTUAL:SSL,EXPIRED:SSL,' +
      'SASL:SASL_PLAINTEXT,SASLSSL:SASL_SSL',
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': file('server-store.pem'),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': file('ca.pem'),
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.expired.ssl.keystore.type': 'PEM',
    'listener.name.expired.ssl.keystore.location': file('expired-store.pem'),
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'connections.max.reauth.ms': sessionMs,
    ...Object.fromEntries(logins),
  }
  const broker = await startKafka({ port, settings, lifetimeMs: 300_000 })
  await createScramUsers(port)
  return {
    open: broker.bootstrap,
    address: (listener, host = 'localhost') => `${host}:${ports.get(listener)}`,
    file,
    stop: async () => {
      await broker.stop()
      rmSync(folder, { recursive: true })
    },
  }
}

function makeCertificates(folder: string): void {
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  }
  const authority = (name: string): void =>
    openssl(
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
    )
  const certificate = (name: string, ...dates: string[]): void => {
    openssl(
      ...[
        'req',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-nodes',
        '-subj',
        '/CN=localhost',
      ],
      ...['-keyout', `${name}.key`, '-out', `${name}.csr`],
    )
    writeFileSync(join(folder, 'names'), 'subjectAltName=DNS:localhost')
    openssl(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'ca.pem', '-CAkey', 'ca.key'],
      ...['-CAcreateserial', '-extfile', 'names', '-out', `${name}.pem`, ...dates],
    )
  }
  const store = (name: string): void => {
    const parts = [`${name}.key`, `${name}.pem`].map(part => readFileSync(join(folder, part)))
    writeFileSync(join(folder, `${name}-store.pem`), Buffer.concat(parts))
  }
  authority('ca')
  authority('other-ca')
  certificate('server', '-days', '2')
  certificate('client', '-days', '2')
  // Ended a day ago, when it began.
  certificate('expired', '-days', '-1')
  store('server')
  store('expired')
  openssl(
    ...['pkcs12', '-export', '-in', 'client.pem', '-inkey', 'client.key'],
    ...['-passout', `pass:${KEY_PASSWORD}`, '-out', 'client.p12'],
  )
  openssl(
    ...['pkcs8', '-topk8', '-in', 'client.key', '-out', 'client-secret.key'],
    ...['-passout', `pass:${KEY_PASSWORD}`],
  )
}

const ITERATIONS = 4_096

const ALTER_SCRAM: WireApi<'sha256' | 'sha512', readonly number[]> = {
  name: 'AlterUserScramCredentials',
  key: 51,
  versions: [0, 0],
  flexibleFrom: 0,
  encode(hash, _, out) {
    const salt = randomBytes(16)
    const size = hash === 'sha256' ? 32 : 64
    out.compactArray([], () => {}).unsigned(2)
    out.compactText(USER).int8(hash === 'sha256' ? 1 : 2)
    out.int32(ITERATIONS).compactBytes(salt)
    out.compactBytes(pbkdf2Sync(PASSWORD, salt, ITERATIONS, size, hash)).noTags()
    out.noTags()
  },
  decode(from) {
    from.int32()
    return from.compactArray(5, () => {
      from.compactText()
      const code = from.int16()
      from.compactText()
      from.tags()
      return code
    })
  },
}

/** The Kafka client cannot: one request of the protocol. */
async function createScramUsers(port: number): Promise<void> {
  const connection = await Connection.open(
    { host: '127.0.0.1', port },
    { tls: null, sasl: null },
    { clientId: 'it', connectTimeoutMs: 5_000, requestTimeoutMs: 5_000, responseBytesMax: 10_000 },
  )
  for (const hash of ['sha256', 'sha512'] as const) {
    const codes = await connection.send(ALTER_SCRAM, hash)
    if (codes.some(code => code !== 0)) throw new Error(`the user was not made: ${codes}`)
  }
  connection.close()
}

/** A token that the broker takes without a signature, for a minute. */
export function unsignedToken(): { tokenValue: string; lifetime: number; principal: string } {
  const now = Math.floor(Date.now() / 1000)
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { sub: USER, iat: now, exp: now + 60 }
  return {
    tokenValue: `${part({ alg: 'none' })}.${part(claims)}.`,
    lifetime: (now + 60) * 1000,
    principal: USER,
  }
}
