import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { MillraceError } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { afterEach, expect, inject, test } from 'vitest'
import { startKafka } from '../../scripts/services/kafka.mjs'
import {
  closeAll,
  errorOf,
  fetcherOf,
  logged,
  newTopic,
  open,
  pollError,
  readValues,
  until,
  write,
} from './transport-session.ts'

afterEach(closeAll)

const TOLD_WITHIN_MS = 8_000

async function opening(settings: Parameters<typeof kafka>[0]): Promise<MillraceError> {
  const startedAt = Date.now()
  const error = await errorOf(() => open(kafka(settings)))
  expect(Date.now() - startedAt).toBeLessThan(TOLD_WITHIN_MS)
  expect(MillraceError.is(error)).toBe(true)
  return error as MillraceError
}

function listening(server: Server): Promise<number> {
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

test('nobody listens: connection refused, start the broker', async () => {
  const server = createServer()
  const port = await listening(server)
  await new Promise(resolve => server.close(resolve))
  const error = await opening({ 'bootstrap.servers': `127.0.0.1:${port}` })
  expect(error.code).toBe('BROKER_UNREACHABLE')
  expect(error.retriable).toBe(true)
  expect(error.message).toContain(`127.0.0.1:${port}`)
  expect(error.message).toContain('Connection refused')
  expect(error.message).toContain('Start the broker')
})

test('the name is not known: said at once', async () => {
  const startedAt = Date.now()
  const error = await opening({ 'bootstrap.servers': 'no-such-host.invalid:9092' })
  expect(error.code).toBe('BROKER_UNREACHABLE')
  expect(error.message).toContain('Failed to resolve')
  expect(error.message).toContain('Check the name')
  expect(Date.now() - startedAt).toBeLessThan(4_000)
})

test('somebody listens and says nothing', async () => {
  const server = createServer(() => {})
  const port = await listening(server)
  const error = await opening({ 'bootstrap.servers': `127.0.0.1:${port}` })
  expect(error.code).toBe('BROKER_UNREACHABLE')
  expect(error.message).toMatch(/nobody answered|timed out|ApiVersion/i)
  server.close()
})

test('the port speaks something else', async () => {
  const server = createHttpServer((_, response) => response.end('no'))
  const port = await listening(server)
  const error = await opening({ 'bootstrap.servers': `127.0.0.1:${port}` })
  expect(error.code).toBe('BROKER_UNREACHABLE')
  server.close()
})

test('TLS asked of a plain port: said at once; secrets are nowhere', async () => {
  const error = await opening({
    'bootstrap.servers': inject('kafka'),
    'security.protocol': 'sasl_ssl',
    'sasl.mechanism': 'PLAIN',
    'sasl.username': 'bob',
    'sasl.password': 'hunter-secret-2',
  })
  // The broker may be gone before the client has read what it takes for an answer.
  expect(error.message).toMatch(/SSL (handshake failed|connection closed by peer)/)
  expect(error.message).toContain('security.protocol')
  expect(JSON.stringify([error.message, error.stack, error.cause, logged])).not.toContain('hunter')
})

test('a broker that goes away: progress says nothing, poll says BROKER_UNREACHABLE', async () => {
  const broker = await startKafka({ lifetimeMs: 120_000 })
  const transport = await open(kafka({ 'bootstrap.servers': broker.bootstrap }))
  const topic = await newTopic(transport)
  await write(transport, topic, 0, ['a', 'b'])
  const fetcher = await fetcherOf(transport)
  const partition = { topic, partition: 0 }
  fetcher.add(partition, 0)
  expect(await readValues(fetcher, 2)).toEqual(['a', 'b'])
  await until('the end is known', async () => {
    await fetcher.poll(50)
    return fetcher.progress(partition)?.position === 2
  })
  await broker.stop()
  const error = (await pollError(fetcher)) as MillraceError
  expect(error.code).toBe('BROKER_UNREACHABLE')
  expect(error.retriable).toBe(true)
  expect(fetcher.progress(partition)).toBe(null)
})
