import { expect, test } from 'vitest'
import { Unacknowledged } from './unacknowledged.ts'

test('writing waits above the bound, until half of it is acknowledged', async () => {
  const open = new Unacknowledged(100)
  open.add(100)
  expect(open.room()).toBeUndefined()
  expect(open.isFull).toBe(false)
  open.add(1)
  const room = open.room()
  expect(open.room()).toBe(room)
  expect(open.isFull).toBe(true)
  let hasRoom = false
  void room?.then(() => {
    hasRoom = true
  })
  open.acknowledged(0, 50)
  open.tell()
  await Promise.resolve()
  expect(hasRoom).toBe(false)
  open.acknowledged(0, 1)
  open.tell()
  await room
  expect(open.isFull).toBe(false)
  expect(open.room()).toBeUndefined()
})

test('a flush is done when its batches and those before are acknowledged, not later ones', () => {
  const open = new Unacknowledged(100)
  open.sealed(open.flush)
  const first = open.beginFlush()
  open.sealed(open.flush)
  open.sealed(open.flush)
  const second = open.beginFlush()
  open.sealed(open.flush)
  expect([open.isDone(first), open.isDone(second)]).toEqual([false, false])
  open.acknowledged(second, 0)
  open.acknowledged(second, 0)
  expect([open.isDone(first), open.isDone(second)]).toEqual([false, false])
  open.acknowledged(first, 0)
  expect([open.isDone(first), open.isDone(second)]).toEqual([true, true])
})

test('whoever waits is told when all is given up', async () => {
  const open = new Unacknowledged(10)
  open.add(50)
  open.sealed(open.flush)
  const flush = open.beginFlush()
  const waits = [open.room(), open.changed()]
  open.drop()
  await Promise.all(waits)
  expect(open.isDone(flush)).toBe(true)
  expect(open.room()).toBeUndefined()
})
