import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { expect, test } from 'vitest'
import { authenticate } from './sasl.ts'

/** The other side of SCRAM-SHA-256, by RFC 5802. */
function server(password: string, changes: { nonce?: string; iterations?: number } = {}) {
  const { iterations = 4_096 } = changes
  const salt = Buffer.from('salt')
  const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  let first = ''
  let isProven = false
  const exchange = async (message: Buffer): Promise<Buffer> => {
    const text = message.toString()
    if (first === '') {
      const nonce = changes.nonce ?? `${/r=(.*)/.exec(text)?.[1]}server`
      first = `${text.slice(3)},r=${nonce},s=${salt.toString('base64')},i=${iterations}`
      return Buffer.from(first.slice(text.length - 2))
    }
    const [without = '', proof = ''] = text.split(',p=')
    const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
    const clientKey = hmac(salted, 'Client Key')
    const stored = createHash('sha256').update(clientKey).digest()
    const all = `${first},${without}`
    const signature = hmac(stored, all)
    const key = Buffer.from(proof, 'base64').map((byte, i) => byte ^ (signature[i] as number))
    isProven = Buffer.compare(key, clientKey) === 0
    const v = hmac(hmac(salted, 'Server Key'), all).toString('base64')
    return Buffer.from(`v=${v}`)
  }
  return { exchange, isProven: () => isProven }
}

const scram = { mechanism: 'SCRAM-SHA-256', username: 'a,b', password: 'secret' } as const

test('SCRAM proves the password to a server that knows it too', async () => {
  const { exchange, isProven } = server('secret')
  await authenticate(scram, exchange)
  expect(isProven()).toBe(true)
})

test.each([
  ['does not know the password', server('other'), /does not know the password/],
  ['answers with a nonce of its own', server('secret', { nonce: 'mine' }), /nonce/],
  ['wants too few iterations', server('secret', { iterations: 1 }), /iterations/],
  ['wants too many iterations', server('secret', { iterations: 1e9 }), /iterations/],
])('SCRAM leaves a server that %s', async (_, { exchange }, text) => {
  await expect(authenticate(scram, exchange)).rejects.toThrow(text)
})

test('PLAIN and OAUTHBEARER say what their RFCs say', async () => {
  const said: string[] = []
  const exchange = async (message: Buffer) => {
    said.push(message.toString())
    return Buffer.alloc(0)
  }
  await authenticate({ mechanism: 'PLAIN', username: 'u', password: 'p' }, exchange)
  const token = async () => ({ value: 'T', extensions: { tenant: 'x' } })
  await authenticate({ mechanism: 'OAUTHBEARER', token }, exchange)
  expect(said).toEqual(['\0u\0p', 'n,,\x01auth=Bearer T\x01tenant=x\x01\x01'])
})

test('a token that is answered with words is refused', async () => {
  const token = async () => ({ value: 'T', extensions: {} })
  const exchange = async () => Buffer.from('{"status":"invalid_token"}')
  const done = authenticate({ mechanism: 'OAUTHBEARER', token }, exchange)
  await expect(done).rejects.toThrow('the token was refused')
})
