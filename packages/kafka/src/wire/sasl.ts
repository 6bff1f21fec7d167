/**
 * How a connection proves who it is: PLAIN (RFC 4616), SCRAM (RFC 5802, 7677) and OAUTHBEARER
 * (RFC 7628), each as the messages that go to and fro.
 *
 * What a server sends is checked: its nonce begins with ours, it knows the password too, and it
 * cannot make us count without end.
 */
import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

export type SaslSettings =
  | { readonly mechanism: 'PLAIN'; readonly username: string; readonly password: string }
  | {
      readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'OAUTHBEARER'; readonly token: () => Promise<OauthToken> }

export interface OauthToken {
  readonly value: string
  readonly extensions: Readonly<Record<string, string>>
}

/** Gives the answer of the broker to a message. */
export type SaslExchange = (message: Buffer) => Promise<Buffer>

const derive = promisify(pbkdf2)

const ITERATIONS_MIN = 4_096
const ITERATIONS_MAX = 1_000_000

/** @throws an Error with what is wrong; never shows a password or a token */
export async function authenticate(sasl: SaslSettings, exchange: SaslExchange): Promise<void> {
  if (sasl.mechanism === 'PLAIN') {
    await exchange(Buffer.from(`\0${sasl.username}\0${sasl.password}`))
  } else if (sasl.mechanism === 'OAUTHBEARER') {
    const { value, extensions } = await sasl.token()
    const pairs = Object.entries(extensions).map(([name, text]) => `${name}=${text}\x01`)
    const refusal = await exchange(
      Buffer.from(`n,,\x01auth=Bearer ${value}\x01${pairs.join('')}\x01`),
    )
    if (refusal.length > 0) throw new Error('the token was refused')
  } else await scram(sasl.mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512', sasl, exchange)
}

async function scram(
  hash: 'sha256' | 'sha512',
  { username, password }: { readonly username: string; readonly password: string },
  exchange: SaslExchange,
): Promise<void> {
  const nonce = randomBytes(24).toString('base64')
  const name = username.replaceAll('=', '=3D').replaceAll(',', '=2C')
  const first = `n=${name},r=${nonce}`
  const serverFirst = (await exchange(Buffer.from(`n,,${first}`))).toString()
  const { m, r: serverNonce = '', s: salt = '', i: iterationText = '' } = fieldsOf(serverFirst)
  if (m !== undefined) throw new Error('the broker wants an extension that is not known')
  const iterations = /^\d+$/.test(iterationText) ? Number(iterationText) : 0
  if (!serverNonce.startsWith(nonce) || serverNonce.length === nonce.length || salt === '') {
    throw new Error('the broker answered with a nonce that is not ours')
  }
  if (!(iterations >= ITERATIONS_MIN && iterations <= ITERATIONS_MAX)) {
    throw new Error(
      `the broker asks for ${iterationText} iterations; ${ITERATIONS_MIN} to ${ITERATIONS_MAX}`,
    )
  }
  const size = hash === 'sha256' ? 32 : 64
  const hmac = (key: Buffer, text: string) => createHmac(hash, key).update(text).digest()
  // Not on this thread: it may take as long as a second.
  const salted = await derive(password, Buffer.from(salt, 'base64'), iterations, size, hash)
  const clientKey = hmac(salted, 'Client Key')
  const last = `c=biws,r=${serverNonce}`
  const message = `${first},${serverFirst},${last}`
  const signature = hmac(createHash(hash).update(clientKey).digest(), message)
  const proof = Buffer.from(clientKey.map((byte, i) => byte ^ (signature[i] as number)))
  const serverLast = await exchange(Buffer.from(`${last},p=${proof.toString('base64')}`))
  const { v = '' } = fieldsOf(serverLast.toString())
  const expected = hmac(hmac(salted, 'Server Key'), message)
  const got = Buffer.from(v, 'base64')
  if (got.length !== expected.length || !timingSafeEqual(got, expected)) {
    throw new Error('the broker does not know the password')
  }
}

function fieldsOf(text: string): Partial<Record<string, string>> {
  return Object.fromEntries(text.split(',').map(part => [part.slice(0, 1), part.slice(2)]))
}
