import { expect, test } from 'vitest'
import { awayError, workOn } from './ruled-work.ts'

test('all is done, sixteen at most at the same time, none of them twice', async () => {
  const done: number[] = []
  let running = 0
  let most = 0
  const indices = Array.from({ length: 50 }, (_, i) => i * 3)
  await workOn(indices, async index => {
    most = Math.max(most, ++running)
    for (let turns = index % 5; turns >= 0; turns--) await null
    done.push(index)
    running--
  })
  expect(done.toSorted((a, b) => a - b)).toEqual(indices)
  expect(most).toBe(16)
})

test('there is nothing to wait for where there is no work; what fails is told', async () => {
  expect(workOn([], async () => {})).toBeUndefined()
  await expect(workOn([1, 2], () => Promise.reject(new Error('no')))).rejects.toThrow('no')
})

test('trouble of the network and answers of servers are not of a record', () => {
  const of = (error: unknown) => awayError('serializer', error)
  for (const error of [{ code: 'ECONNREFUSED' }, { status: 503 }]) {
    expect(of(error)).toMatchObject({ code: 'REGISTRY_UNREACHABLE', retriable: true })
  }
  for (const error of [new Error('x'), { code: 5 }, { code: 'bad' }, null, 'ENOENT']) {
    expect(of(error)).toBeNull()
  }
})
