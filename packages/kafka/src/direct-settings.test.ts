import { expect, test } from 'vitest'
import { DIRECT_MEANINGS, directPlan, endpointOf } from './direct-settings.ts'
import { CheckedSettings } from './settings.ts'
import { SETTINGS } from './settings-table.ts'

const planOf = (settings: Record<string, unknown>) =>
  directPlan(new CheckedSettings({ 'bootstrap.servers': 'a:1,b', ...settings } as never))

test('every setting of connections and of reading has a meaning, and no other', () => {
  const known = [...SETTINGS].flatMap(([name, rule]) =>
    'use' in rule && (rule.use === 'all' || rule.use === 'reads') ? [name] : [],
  )
  expect([...DIRECT_MEANINGS.keys()].sort()).toEqual(known.sort())
})

test.each([...DIRECT_MEANINGS].filter(([, meaning]) => meaning === 'fallback'))(
  'where %s is set, librdkafka reads',
  async name => {
    expect(await planOf({ [name]: 'x' })).toBe(`"${name}" is set`)
  },
)

test('brokers are as librdkafka takes them', async () => {
  expect(await planOf({})).toMatchObject({
    bootstrap: [
      { host: 'a', port: 1 },
      { host: 'b', port: 9_092 },
    ],
    security: { tls: null, sasl: null },
  })
  expect(endpointOf(' SASL_SSL://[::1]:9 ')).toEqual({ host: '::1', port: 9 })
  expect(() => endpointOf(':9')).toThrow(/host:port is expected/)
})

test.each([
  ['PLAIN', { mechanism: 'PLAIN', username: 'u', password: 'p' }],
  ['scram-sha-512', { mechanism: 'SCRAM-SHA-512', username: 'u', password: 'p' }],
])('%s is spoken', async (mechanism, sasl) => {
  const login = { 'sasl.username': 'u', 'sasl.password': 'p', 'sasl.mechanism': mechanism }
  expect(await planOf({ 'security.protocol': 'sasl_plaintext', ...login })).toMatchObject({
    security: { sasl, tls: null },
  })
})

test.each(['GSSAPI', 'OAUTHBEARER'])('%s alone is left to librdkafka', async mechanism => {
  const settings = { 'security.protocol': 'sasl_ssl', 'sasl.mechanism': mechanism }
  expect(await planOf(settings)).toBe(`"sasl.mechanism" is ${mechanism}`)
})

test('a token comes from the callback, as a promise or called back', async () => {
  const given = { tokenValue: 'T', lifetime: 1, extensions: { a: 'b' } }
  for (const callback of [
    async () => given,
    (_: string, done: (error: null, token: object) => void) => done(null, given),
  ]) {
    const plan = await planOf({
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanism': 'OAUTHBEARER',
      oauthbearer_token_refresh_cb: callback,
    })
    const sasl = typeof plan === 'string' ? null : plan.security.sasl
    const token = sasl?.mechanism === 'OAUTHBEARER' ? await sasl.token() : null
    expect(token).toEqual({ value: 'T', extensions: { a: 'b' } })
  }
})

test('certificates are those of librdkafka, and checked unless it does not', async () => {
  const pem = { 'ssl.ca.pem': 'CA', 'ssl.certificate.pem': 'CERT', 'ssl.key.pem': 'KEY' }
  const plan = await planOf({ 'security.protocol': 'ssl', ...pem, 'ssl.key.password': 'pass' })
  expect(plan).toMatchObject({
    security: {
      tls: { ca: 'CA', cert: 'CERT', key: 'KEY', passphrase: 'pass', rejectUnauthorized: true },
    },
  })
  const off = { 'enable.ssl.certificate.verification': false }
  expect(await planOf({ 'security.protocol': 'ssl', ...off })).toMatchObject({
    security: { tls: { rejectUnauthorized: false } },
  })
})

test('a request never waits longer than a partition that is resumed may', async () => {
  expect(await planOf({ 'fetch.wait.max.ms': 5_000 })).toMatchObject({ fetch: { waitMs: 100 } })
})

test('a folder of certificates is left to librdkafka', async () => {
  const settings = { 'security.protocol': 'ssl', 'ssl.ca.location': import.meta.dirname }
  expect(await planOf(settings)).toBe('"ssl.ca.location" is a folder')
})

test('a keystore is opened with its own password', async () => {
  const plan = await planOf({
    'security.protocol': 'ssl',
    'ssl.keystore.location': import.meta.filename,
    'ssl.keystore.password': 'of-the-store',
    'ssl.key.password': 'of-the-key',
  })
  expect(plan).toMatchObject({ security: { tls: { passphrase: 'of-the-store' } } })
})

test('a callback that gives no token is told so', async () => {
  const none = async () => ({ tokenValue: '' })
  for (const [callback, text] of [
    [none, /without a "tokenValue"/],
    [(_: string, done: (error: Error) => void) => done(new Error('no')), /^no$/],
  ] as const) {
    const plan = await planOf({
      'security.protocol': 'sasl_plaintext',
      'sasl.mechanism': 'OAUTHBEARER',
      oauthbearer_token_refresh_cb: callback,
    })
    const sasl = typeof plan === 'string' ? null : plan.security.sasl
    const token = sasl?.mechanism === 'OAUTHBEARER' ? sasl.token() : Promise.resolve()
    await expect(token).rejects.toThrow(text)
  }
})
