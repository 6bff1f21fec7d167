import { describe, expect, test } from 'vitest'
import { ERROR_CODES, MillraceError } from './errors.ts'
import { Schema } from './schema/schema.ts'

describe('the message', () => {
  test('tells code, text and place', () => {
    const place = { step: 'where#2', topic: 'purchases', partition: 0, offset: 17, field: 'a"b' }
    const error = new MillraceError('DECODE_FAILED', 'expected a number.', place)
    expect(error.message).toBe(
      'DECODE_FAILED: expected a number. ' +
        '(at step where#2, topic purchases/0 offset 17, column "a\\"b")',
    )
    expect(error.place).toEqual(place)
    expect(String(error)).toBe(`MillraceError: ${error.message}`)
  })

  test('tells as much of the place as is known', () => {
    expect(new MillraceError('TOPIC_MISSING', 'gone.', { topic: 'a' }).message).toBe(
      'TOPIC_MISSING: gone. (at topic a)',
    )
    expect(new MillraceError('TOPIC_MISSING', 'gone.').message).toBe('TOPIC_MISSING: gone.')
  })
})

describe('what a program asks of an error', () => {
  test('is it retriable, and what caused it', () => {
    const cause = new Error('socket closed')
    const error = new MillraceError('BROKER_UNREACHABLE', 'no.', { cause, retriable: true })
    expect([error.retriable, error.cause]).toEqual([true, cause])
    const plain = new MillraceError('BROKER_UNREACHABLE', 'no.')
    expect(plain.retriable).toBe(false)
    expect('cause' in plain).toBe(false)
  })

  test('is it one of ours, also of another copy of the package', () => {
    const ofOtherCopy = Object.assign(new Error('x'), { [Symbol.for('@millrace/error')]: true })
    expect(MillraceError.is(new MillraceError('INTERNAL', 'x'))).toBe(true)
    expect(MillraceError.is(ofOtherCopy)).toBe(true)
    for (const other of [new Error('x'), { code: 'INTERNAL' }, null, undefined, 'INTERNAL']) {
      expect(MillraceError.is(other)).toBe(false)
    }
  })

  test('the brand does not show when an error is printed or copied', () => {
    expect(Object.getOwnPropertySymbols({ ...new MillraceError('INTERNAL', 'x') })).toEqual([])
  })
})

describe('at', () => {
  test('adds to the place and keeps what was known, with cause and retriable', () => {
    const cause = new Error('deep')
    const details = { topic: 'known', cause, retriable: true, partition: undefined }
    const error = new MillraceError('SINK_FAILED', 'no room.', details)
    const placed = error.at({ topic: 'other', partition: 3, step: 'sink#1' })
    expect(placed.place).toEqual({ topic: 'known', partition: 3, step: 'sink#1' })
    expect(placed.message).toBe('SINK_FAILED: no room. (at step sink#1, topic known/3)')
    expect([placed.code, placed.cause, placed.retriable]).toEqual(['SINK_FAILED', cause, true])
  })
})

test('a mistake is shown at the line where the user wrote it', () => {
  const stackOf = (make: () => unknown): string[] => {
    try {
      make()
    } catch (error) {
      return ((error as Error).stack ?? '').split('\n').filter(line => line.startsWith('    at '))
    }
    return []
  }
  const mistake = stackOf(() => new Schema([]).typeOf('x'))
  expect(mistake[0]).toContain('errors.test.ts')
})

test('no code stands twice in the list', () => {
  expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length)
})
