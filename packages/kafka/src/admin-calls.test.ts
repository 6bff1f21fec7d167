import { expect, test } from 'vitest'
import { AdminCalls } from './admin-calls.ts'
import { answerOf, type NativeAdmin, type NativeCallback } from './native-client.ts'

type Done = NativeCallback<never>

function setUp() {
  const asked: Done[] = []
  const native = {
    describeTopics: (_: unknown, __: unknown, done: Done) => asked.push(done),
    createTopic: (_: unknown, __: unknown, done: Done) => asked.push(done),
    listOffsets: (_: unknown, __: unknown, done: Done) => asked.push(done),
  }
  return { asked, calls: new AdminCalls(native as unknown as NativeAdmin) }
}

const options = { timeout: 1, isolationLevel: 0 } as const

test('closes when every question has its answer, and asks no more', async () => {
  const { asked, calls } = setUp()
  const answers = [
    answerOf(done => calls.listOffsets([], options, done)),
    answerOf(done => calls.describeTopics([], options, done)),
  ]
  let isClosed = false
  const closing = calls.close().then(() => {
    isClosed = true
  })
  asked[0]?.(null, 7 as never)
  expect(await answers[0]).toBe(7)
  expect(isClosed).toBe(false)
  asked[1]?.(new Error('timed out') as never, undefined as never)
  await expect(answers[1]).rejects.toThrow('timed out')
  await closing
  const late = answerOf(done => calls.listOffsets([], options, done))
  await expect(late).rejects.toThrow('the transport was closed')
  expect(asked).toHaveLength(2)
})

test('closes at once when nothing is asked', async () => {
  await setUp().calls.close()
})
