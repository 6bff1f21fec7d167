import { expect, test } from 'vitest'
import { ConnectionLog } from './connection-log.ts'

function connectionLog(bootstrap = 'a:9092') {
  const told: string[] = []
  const log = { info: () => {}, warn: (_: object, text: string) => void told.push(text) }
  const connections = new ConnectionLog(bootstrap, text => text.replaceAll('hunter2', '***'), log)
  const fail = (broker: string, reason: string): void =>
    connections.note({
      severity: 3,
      fac: 'FAIL',
      message: `[thrd:${broker}/bootstrap]: ${broker}/bootstrap: ${reason} (after 0ms in state CONNECT, 1 identical error(s) suppressed)`,
    })
  return { connections, fail, told }
}

test('the error holds the reason that only the log has, and what to do', () => {
  const { connections, fail } = connectionLog()
  fail('a:9092', 'Connect to ipv4#1.2.3.4:9092 failed: Connection refused')
  const error = connections.error(6_000, new Error('broker transport failure'))
  expect(error.message).toBe(
    'BROKER_UNREACHABLE: no Kafka broker answered at a:9092 within 6 s: Connect to ' +
      'ipv4#1.2.3.4:9092 failed: Connection refused. Start the broker, or correct host and port.',
  )
  expect(error.retriable).toBe(true)
})

test('without a line in the log it says that nobody answered', () => {
  const error = connectionLog().connections.error(6_000, undefined)
  expect(error.message).toContain('within 6 s: nobody answered. Check host and port')
})

test('a refused user is BROKER_REFUSED, and secrets are blotted out', () => {
  const { connections, fail, told } = connectionLog()
  fail('sasl_ssl://a:9092', 'SASL authentication error: hunter2 is wrong')
  const error = connections.error(300, new Error('hunter2'))
  expect(error.code).toBe('BROKER_REFUSED')
  expect(error.message).toContain('SASL authentication error: *** is wrong. Check "sasl.mechanism"')
  expect(`${error.message} ${(error.cause as Error).message} ${told}`).not.toContain('hunter2')
})

test('gives up early only when every broker failed for good', async () => {
  const { connections, fail } = connectionLog('a:9092,b:9092')
  let isHopeless = false
  const hopeless = connections.hopeless().then(() => {
    isHopeless = true
  })
  fail('a:9092', "Failed to resolve 'a:9092': unknown")
  fail('b:9092', 'Connect to b failed: Connection refused')
  await Promise.resolve()
  expect(isHopeless).toBe(false)
  fail('b:9092', 'SSL handshake failed: wrong version')
  await hopeless
  expect(isHopeless).toBe(true)
})

test('a cause is logged once until it changes; the client may complain in between', () => {
  const { fail, told, connections } = connectionLog()
  fail('a:9092', 'Connection refused')
  fail('a:9092', 'Connection refused')
  connections.note({ severity: 6, fac: 'REQTMOUT', message: 'of no interest' })
  fail('a:9092', 'Timed out')
  expect(told).toEqual([
    'connection to a:9092: Connection refused',
    'connection to a:9092: Timed out',
  ])
})
