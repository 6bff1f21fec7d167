import { expect, test } from 'vitest'
import type { OutgoingRecords } from '../transport/raw-records.ts'
import { HeldWrites } from './held-writes.ts'

const records = (topic: string): OutgoingRecords =>
  ({ topic, data: Buffer.alloc(10) }) as unknown as OutgoingRecords

function setUp() {
  const written: string[] = []
  const gate = new HeldWrites()
  const write = ({ topic }: OutgoingRecords): Promise<void> | undefined => {
    written.push(topic)
    return topic === 'busy' ? Promise.reject(new Error('later')) : undefined
  }
  const put = (topic: string): void => void gate.write(records(topic), write)
  return { written, gate, write, put }
}

test('what is written while the gate is shut comes after it opens, in its order', () => {
  const { written, gate, write, put } = setUp()
  put('a')
  gate.hold()
  put('b')
  gate.hold()
  put('busy')
  put('c')
  expect([written, gate.bytes]).toEqual([['a'], 30])
  gate.release(write)
  put('d')
  expect([written, gate.bytes]).toEqual([['a', 'b', 'busy', 'c', 'd'], 0])
})

test('what is dropped is not written', () => {
  const { written, gate, write, put } = setUp()
  gate.hold()
  put('a')
  gate.drop()
  put('b')
  gate.release(write)
  expect([written, gate.bytes]).toEqual([['b'], 0])
})
