import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { closeClient, closeProducer, connectClient } from './connect-client.ts'
import { ConnectionLog } from './connection-log.ts'
import type { NativeClient, NativeProducer } from './native-client.ts'

class FakeClient extends EventEmitter {
  isUp = false
  answer: ((error: Error | null, metadata: unknown) => void) | undefined
  connect(_: unknown, done: (error: Error | null, metadata: unknown) => void): void {
    this.answer = done
  }
  isConnected(): boolean {
    return this.isUp
  }
  disconnect(done: () => void): void {
    this.isUp = false
    done()
  }
}

const connections = (): ConnectionLog =>
  new ConnectionLog('a:1', text => text, { info: () => {}, warn: () => {} })

test('gives what the client learned, and survives its floods of errors', async () => {
  const client = new FakeClient()
  const connecting = connectClient(client as unknown as NativeClient, connections())
  client.emit('event.error', new Error('flood'))
  client.answer?.(null, { brokers: [], topics: [] })
  expect(await connecting).toEqual({ brokers: [], topics: [] })
})

test('does not wait for the end of the time when the cause will not go away', async () => {
  const client = new FakeClient()
  const connecting = connectClient(client as unknown as NativeClient, connections())
  const message = "[thrd:a:1/bootstrap]: a:1/bootstrap: Failed to resolve 'a:1' (after 1ms in x)"
  client.emit('event.log', { severity: 3, fac: 'FAIL', message })
  await expect(connecting).rejects.toThrow("within 1 s: Failed to resolve 'a:1'. Check the name")
})

test('closes a client once', async () => {
  const client = new FakeClient()
  await closeClient(client as unknown as NativeClient)
  client.isUp = true
  await closeClient(client as unknown as NativeClient)
  expect(client.isUp).toBe(false)
})

test('a producer that is closed sends nothing more', async () => {
  const flushes: number[] = []
  const producer = {
    isConnected: () => flushes.length === 0,
    disconnect(flushMs: number, done: () => void): void {
      flushes.push(flushMs)
      done()
    },
  } as unknown as NativeProducer
  await closeProducer(producer)
  await closeProducer(producer)
  expect(flushes).toEqual([0])
})
