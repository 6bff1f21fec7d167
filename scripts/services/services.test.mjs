import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findJava } from './java.mjs'
import { kafkaAnswers } from './kafka-metadata.mjs'
import { freePorts } from './ports.mjs'
import { endProcess, identify, isRunning } from './process.mjs'
import { startServer } from './server.mjs'

/** @returns {Promise<{ port: number, close: () => void }>} */
function listen(onConnection = () => {}) {
  const server = createServer(onConnection)
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () =>
      resolve({ port: server.address().port, close: () => server.close() }),
    )
  })
}

describe('ports', () => {
  test('free ones differ, and the wanted one comes first', async () => {
    const [wanted] = await freePorts(1)
    const ports = await freePorts(3, wanted)
    expect(ports[0]).toBe(wanted)
    expect(new Set(ports).size).toBe(3)
  })

  test('one in use is an error that says so', async () => {
    const { port, close } = await listen()
    await expect(freePorts(2, port)).rejects.toThrow(
      `port ${port} of 127.0.0.1 is in use; give another one with --port`,
    )
    close()
  })
})

describe('processes', () => {
  test('one that does not end when asked is ended', async () => {
    const script = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)"
    const child = spawn(process.execPath, ['-e', script])
    await new Promise(resolve => child.stdout.once('data', resolve))
    const id = identify(child.pid)
    expect(isRunning(id)).toBe(true)
    await endProcess(id, 100)
    expect(isRunning(id)).toBe(false)
  })

  test('another one with the same pid is left alone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    const id = identify(child.pid)
    await endProcess({ ...id, started: 'another time' })
    expect(isRunning(id)).toBe(true)
    await endProcess(id)
  })
})

test('a server that is restarted is another process on the same data, until it is stopped', async () => {
  let log = ''
  const service = {
    name: 'fake',
    title: 'A fake',
    prepare: async (_, { folder }) => {
      log = join(folder, 'starts')
      writeFileSync(log, '')
      const script = `fs.appendFileSync(${JSON.stringify(log)}, process.pid + '\\n'); setInterval(() => {}, 1000)`
      const pids = () => readFileSync(log, 'utf8').split('\n').length - 1
      const before = pids()
      return {
        program: process.execPath,
        args: ['-e', script],
        endpoints: {},
        isReady: async () => pids() > before,
      }
    },
  }
  const server = await startServer(service, {}, { lifetimeMs: 60_000 })
  await server.restart()
  await expect.poll(() => readFileSync(log, 'utf8').trim().split('\n').length).toBe(2)
  const [first, second] = readFileSync(log, 'utf8').trim().split('\n').map(Number)
  expect(first).toBe(server.pid)
  expect(identify(first)).toBe(undefined)
  expect(identify(second)).toBeDefined()
  await server.stop()
  expect(identify(second)).toBe(undefined)
  expect(existsSync(server.folder)).toBe(false)
})

describe('readiness', () => {
  test('a port where nobody listens does not answer', async () => {
    const [port] = await freePorts(1)
    expect(await kafkaAnswers('127.0.0.1', port)).toBe(false)
  })

  test('a server that says nothing does not answer', async () => {
    const { port, close } = await listen()
    expect(await kafkaAnswers('127.0.0.1', port, 50)).toBe(false)
    close()
  })

  test('a broker that knows no broker is not ready', async () => {
    const response = Buffer.from(
      '00000010' + '00000001' + '00000000' + 'ffffffff' + '00000000',
      'hex',
    )
    const { port, close } = await listen(socket => socket.end(response))
    expect(await kafkaAnswers('127.0.0.1', port)).toBe(false)
    close()
  })
})

test('a Java that is too old is named with what is needed', () => {
  expect(() => findJava(99)).toThrow('Java 99 or newer is needed')
})
