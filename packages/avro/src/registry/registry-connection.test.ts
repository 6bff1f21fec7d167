import { MillraceError } from '@millrace/core'
import { afterEach, describe, expect, test } from 'vitest'
import {
  answerJson,
  type Script,
  type ScriptedServer,
  scriptedServer,
} from '../../test/scripted-server.ts'
import { RegistryConnection } from './registry-connection.ts'
import { type RegistryOptions, registrySettings } from './registry-options.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function serverOf(script: Script): Promise<ScriptedServer> {
  const server = await scriptedServer(script)
  open.push(server)
  return server
}

function connectionTo(options: RegistryOptions) {
  const clock = { ms: 0, waits: [] as number[] }
  const connection = new RegistryConnection(registrySettings(options), {
    now: () => clock.ms,
    sleep: async ms => {
      clock.ms += ms
      clock.waits.push(ms)
    },
    random: () => 1,
  })
  open.push(connection)
  return { connection, clock }
}

async function errorOf(promise: Promise<unknown>): Promise<MillraceError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!MillraceError.is(error)) throw error ?? new Error('no error')
  return error
}

const ASK = { method: 'GET', path: '/subjects' } as const
const OK: Script = (_, response) => answerJson(response, ['a'])
const BROKEN: Script = (_, response) => answerJson(response, { message: 'no leader' }, 500)

describe('several URLs', () => {
  test('the next one is asked when one is in trouble, and first from then on', async () => {
    const [bad, good] = [await serverOf(BROKEN), await serverOf(OK)]
    const { connection, clock } = connectionTo({ urls: [bad.url, good.url] })
    expect((await connection.ask(ASK)).json).toEqual(['a'])
    await connection.ask(ASK)
    expect([bad.asked.length, good.asked.length]).toEqual([1, 2])
    // And back again.
    good.script = BROKEN
    bad.script = OK
    await connection.ask(ASK)
    await connection.ask(ASK)
    expect([bad.asked.length, good.asked.length]).toEqual([3, 3])
    expect(clock.waits).toEqual([])
  })

  test('when all are in trouble they are asked again, later and later, and not for ever', async () => {
    const bad = await serverOf(BROKEN)
    const gone = await serverOf(OK)
    await gone.close()
    const urls = [bad.url, gone.url]
    const { connection, clock } = connectionTo({
      urls,
      retries: 4,
      retryWaitMs: 100,
      retryWaitMsMax: 500,
    })
    const error = await errorOf(connection.ask(ASK))
    expect(error.code).toBe('REGISTRY_UNREACHABLE')
    expect(error.retriable).toBe(true)
    expect(error.message).toContain(
      `asked 5 times: ${bad.url}: status 500; ${gone.url}: connect ECONNREFUSED`,
    )
    expect(clock.waits).toEqual([100, 200, 400, 500])
    expect(bad.asked).toHaveLength(5)
  })

  test('one that comes back is found', async () => {
    const server = await serverOf(BROKEN)
    const { connection } = connectionTo({ urls: server.url, retries: 3 })
    server.script = (asked, response) => (server.asked.length < 3 ? BROKEN : OK)(asked, response)
    expect((await connection.ask(ASK)).json).toEqual(['a'])
    expect(server.asked).toHaveLength(3)
  })

  test('a wait that a server asks for is kept, within the limit', async () => {
    const server = await serverOf((_, response) => {
      response.writeHead(429, { 'retry-after': '2' })
      response.end()
    })
    const { connection, clock } = connectionTo({ urls: server.url, retries: 1 })
    await errorOf(connection.ask(ASK))
    expect(clock.waits).toEqual([2000])
    const impatient = connectionTo({ urls: server.url, retries: 1, retryWaitMsMax: 300 })
    await errorOf(impatient.connection.ask(ASK))
    expect(impatient.clock.waits).toEqual([300])
  })
})

describe('a server that is slow or says too much', () => {
  test('no answer', async () => {
    const server = await serverOf(() => {})
    const { connection } = connectionTo({ urls: server.url, timeoutMs: 20, retries: 0 })
    const error = await errorOf(connection.ask(ASK))
    expect(error.message).toContain(`asked 1 times: ${server.url}: no answer within 20 ms.`)
  })

  test('an answer that comes byte by byte, for ever', async () => {
    const server = await serverOf((_, response) => {
      response.write('[')
      const drip = setInterval(() => response.write(' '), 1)
      response.on('close', () => clearInterval(drip))
    })
    const { connection } = connectionTo({ urls: server.url, timeoutMs: 30, retries: 0 })
    expect((await errorOf(connection.ask(ASK))).message).toContain('no answer within 30 ms')
  })

  test('an answer that breaks off', async () => {
    const server = await serverOf((_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('[1')
      setImmediate(() => response.destroy())
    })
    const { connection } = connectionTo({ urls: server.url, retries: 0 })
    expect((await errorOf(connection.ask(ASK))).code).toBe('REGISTRY_UNREACHABLE')
  })

  test.each([
    ['as its header says', true],
    ['as is seen while it is read', false],
  ])('an answer of 10 MB, %s', async (_, isTold) => {
    const text = JSON.stringify({ schema: 'x'.repeat(10_000_000) })
    let sent = 0
    const server = await serverOf((_asked, response) => {
      response.writeHead(200, isTold ? { 'content-length': String(text.length) } : {})
      const more = () => {
        if (response.destroyed || sent >= text.length) return
        sent += 100_000
        response.write(text.slice(sent - 100_000, sent), more)
      }
      more()
    })
    const { connection } = connectionTo({ urls: server.url, responseBytesMax: 500_000 })
    const error = await errorOf(connection.ask({ method: 'GET', path: '/schemas/ids/7' }))
    expect(error.code).toBe('REGISTRY_ANSWER_INVALID')
    expect(error.message).toContain(
      'gave an answer of more than 500000 bytes for /schemas/ids/7. Raise responseBytesMax',
    )
    expect(server.asked).toHaveLength(1)
    expect(sent).toBeLessThan(text.length)
  })

  test('a client that is closed ends what is under way', async () => {
    const server = await serverOf(() => {})
    const { connection } = connectionTo({ urls: server.url })
    const error = errorOf(connection.ask(ASK))
    await expect.poll(() => server.asked.length).toBe(1)
    connection.close()
    expect((await error).message).toContain('the schema registry client was closed')
  })
})

describe('what is no answer of a registry', () => {
  test.each<[string, Script, string]>([
    ['a log-in page', (_, r) => void r.end('<html>'), 'status 200, no JSON'],
    [
      'a redirect, which is not followed',
      (_, r) => void r.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
      'status 302, no JSON',
    ],
  ])('%s', async (_, script, text) => {
    const server = await serverOf(script)
    const error = await errorOf(connectionTo({ urls: server.url }).connection.ask(ASK))
    expect(error.code).toBe('REGISTRY_ANSWER_INVALID')
    expect(error.message).toContain(text)
    expect(server.asked).toHaveLength(1)
  })
})

describe('credentials', () => {
  const SECRET = 'hunter2hunter2'

  test('basic, from the options or from the URL', async () => {
    const server = await serverOf(OK)
    const basic = { username: 'ann', password: SECRET }
    await connectionTo({ urls: server.url, auth: { basic } }).connection.ask(ASK)
    await connectionTo({ urls: server.url.replace('//', `//ann:${SECRET}@`) }).connection.ask(ASK)
    const expected = `Basic ${Buffer.from(`ann:${SECRET}`).toString('base64')}`
    expect(server.asked.map(({ headers }) => headers.authorization)).toEqual([expected, expected])
  })

  test('a token from a function, asked again when it is refused', async () => {
    const server = await serverOf((asked, response) =>
      asked.headers.authorization === 'Bearer new'
        ? answerJson(response, ['a'])
        : answerJson(response, { message: 'expired' }, 401),
    )
    const tokens = ['old', 'new']
    const bearer = { token: async () => tokens.shift() as string, logicalCluster: 'lsrc-1' }
    const { connection } = connectionTo({ urls: server.url, auth: { bearer } })
    expect((await connection.ask(ASK)).json).toEqual(['a'])
    expect(server.asked.map(({ headers }) => headers['target-sr-cluster'])).toEqual([
      'lsrc-1',
      'lsrc-1',
    ])
  })

  test('OAuth: one token for all, renewed before it ends', async () => {
    let count = 0
    const tokens = await serverOf((_, response) =>
      answerJson(response, { access_token: `t${++count}`, expires_in: 100 }),
    )
    const server = await serverOf(OK)
    const oauth = { tokenUrl: tokens.url, clientId: 'me', clientSecret: SECRET, scope: 'sr' }
    const { connection, clock } = connectionTo({ urls: server.url, auth: { oauth } })
    await Promise.all([connection.ask(ASK), connection.ask(ASK)])
    clock.ms = 79_999
    await connection.ask(ASK)
    clock.ms = 80_000
    await connection.ask(ASK)
    const used = server.asked.map(({ headers }) => headers.authorization)
    expect(used).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t1', 'Bearer t2'])
    const form = new URLSearchParams(tokens.asked[0]?.body)
    expect(Object.fromEntries(form)).toEqual({
      grant_type: 'client_credentials',
      client_id: 'me',
      client_secret: SECRET,
      scope: 'sr',
    })
  })

  test('no error repeats them, whatever the server says', async () => {
    const echo: Script = (asked, response) =>
      answerJson(response, { message: JSON.stringify(asked), error_code: 1 }, status)
    let status = 401
    const server = await serverOf(echo)
    const bearer = { token: SECRET }
    const { connection } = connectionTo({ urls: server.url, auth: { bearer } })
    const refused = await errorOf(connection.ask(ASK))
    expect(refused.code).toBe('REGISTRY_REFUSED')
    status = 409
    const { message } = await connection.ask(ASK)
    const oauth = { tokenUrl: server.url, clientId: 'me', clientSecret: SECRET }
    const noToken = await errorOf(
      connectionTo({ urls: server.url, auth: { oauth } }).connection.ask(ASK),
    )
    expect(noToken.message).toContain('gave no token: status 409')
    const gone = await serverOf(OK)
    await gone.close()
    const withSecret = gone.url.replace('//', `//ann:${SECRET}@`)
    const away = await errorOf(connectionTo({ urls: withSecret, retries: 0 }).connection.ask(ASK))
    for (const text of [refused.stack, message, noToken.stack, away.stack, String(away.cause)]) {
      expect(text).not.toContain(SECRET)
      expect(text).not.toContain(Buffer.from(`ann:${SECRET}`).toString('base64'))
    }
  })
})
