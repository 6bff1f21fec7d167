import { expect, test } from 'vitest'
import type { Row } from '../batch/row.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { ByteReader } from '../util/byte-reader.ts'
import { ByteWriter } from '../util/byte-writer.ts'
import { reduceAggregate } from './reduce.ts'

const Longest = schema({ text: t.string(), seen: t.json() })

function machine() {
  return reduceAggregate(Longest, {
    init: row => ({ text: row['text'] ?? null, seen: [row['text']] }),
    add: (so, { text }) => {
      // Changing what was given is of no consequence.
      ;(so['seen'] as unknown[]).push(text)
      const isLonger = String(text).length > String(so['text']).length
      return { text: isLonger ? (text ?? null) : (so['text'] ?? null), seen: so['seen'] ?? null }
    },
  }).create(t.json())
}

const added = (texts: readonly (string | number)[], to: unknown = machine().init()): unknown =>
  texts.reduce<unknown>((state, text) => machine().add(state, { text }), to)

test('goes from the first record on, in the order of records', () => {
  expect(machine().results?.(added(['a', 'ccc', 'bb']))).toEqual(['ccc', ['a', 'ccc', 'bb']])
  expect(machine().results?.(machine().init())).toEqual([null, null])
  expect(machine().result(machine().init())).toBe(null)
})

test('leaves a state as it was when a function gives what does not fit', () => {
  const state = added(['a'])
  expect(() => machine().add(state, { text: 7 } as Row)).not.toThrow()
  expect(() => added([7])).toThrow('FUNCTION_FAILED')
  expect(machine().result(state)).toEqual({ text: 'a', seen: ['a'] })
})

test('a state survives a restart', () => {
  for (const state of [machine().init(), added(['a', 'bb'])]) {
    const out = new ByteWriter()
    machine().write(state, out)
    const again = machine().read(new ByteReader(out.view(), 'test'))
    expect(machine().result(again)).toEqual(machine().result(state))
    expect(machine().result(added(['ccc'], again))).toEqual(machine().result(added(['ccc'], state)))
  }
})
