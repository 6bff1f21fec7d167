import { expect, test } from 'vitest'
import { ClientLine } from './client-line.ts'
import { FaultPlan } from './fault-plan.ts'

test('a clear line does the effect at once', async () => {
  const line = new ClientLine('one', new FaultPlan())
  const done: string[] = []
  const call = line.call('commit', () => done.push('effect'))
  line.tell(() => void done.push('told'))
  expect(done).toEqual(['effect', 'told'])
  expect(await call).toBe(1)
})

test('a client that hangs gets nothing through and hears nothing, then all in order', async () => {
  const line = new ClientLine('one', new FaultPlan())
  const done: string[] = []
  line.hang()
  expect(line.isHanging).toBe(true)
  const calls = [
    line.call('commit', () => done.push('first')),
    line.call('leave', () => done.push('second')),
  ]
  line.tell(() => void done.push('told'))
  await new Promise(resolve => setImmediate(resolve))
  expect(done).toEqual([])
  line.goOn()
  await Promise.all(calls)
  expect(done).toContain('told')
  expect(done.filter(word => word !== 'told')).toEqual(['first', 'second'])
})

test('an answer does not reach a client that began to hang meanwhile', async () => {
  const line = new ClientLine('one', new FaultPlan())
  let answered = 'no'
  const call = line.call('commit', () => line.hang()).then(() => (answered = 'yes'))
  await new Promise(resolve => setImmediate(resolve))
  expect(answered).toBe('no')
  line.goOn()
  await call
  expect(answered).toBe('yes')
})

test('acts stand before the effect and after it', async () => {
  const plan = new FaultPlan()
  const line = new ClientLine('one', plan)
  const done: string[] = []
  plan.before('commit', () => void done.push('before'))
  plan.after('commit', () => {
    done.push('after')
    throw new Error('answer lost')
  })
  await expect(line.call('commit', () => done.push('effect'))).rejects.toThrow('answer lost')
  expect(done).toEqual(['before', 'effect', 'after'])
})
