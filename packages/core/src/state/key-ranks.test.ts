import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeyTable } from './key-table.ts'

const act = fc.record({
  /** So many keys come. */
  added: fc.constantFrom(0, 0, 0, 1, 20),
  /** Every so many of those that are there are let go, and the table is swept. */
  dropped: fc.option(fc.integer({ min: 1, max: 5 })),
  /** Every so many of the keys are put in order, so often. */
  each: fc.integer({ min: 1, max: 6 }),
  times: fc.integer({ min: 1, max: 3 }),
})

test('keys are in the order of their bytes, whatever comes and goes between', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 30 }), acts => {
      const table = new KeyTable()
      const texts = new Map<number, string>()
      let made = 0
      // More than may stay although nobody holds them.
      const add = (): void => {
        const text = `key ${Math.imul(made, 0x9e3779b1) >>> 0}`
        made++
        const id = table.atText(text)
        table.hold(id)
        texts.set(id, text)
      }
      for (let i = 0; i < 50; i++) add()
      for (const { added, dropped, each, times } of acts) {
        for (let i = 0; i < added; i++) add()
        if (dropped !== null) {
          for (const [nth, id] of [...texts.keys()].entries()) {
            if (nth % dropped !== 0) continue
            table.letGo(id)
            texts.delete(id)
          }
          for (let i = 0; i < 2_000; i++) table.atText(`idle ${made++}`)
          table.sweep()
        }
        const ids = Int32Array.from([...texts.keys()].filter((_, nth) => nth % each === 0))
        const want = Array.from(ids, id => texts.get(id) as string).sort()
        for (let i = 0; i < times; i++) {
          const found = Array.from(table.orderOf(ids), place => texts.get(ids[place] as number))
          expect(found).toEqual(want)
        }
      }
    }),
  )
})

test('keys are put in order without being looked at, once they stay the same', () => {
  const table = new KeyTable()
  const ids = Int32Array.from(['b', 'c', 'a'], text => table.atText(text))
  let read = 0
  const sizeOf = table.sizeOf.bind(table)
  table.sizeOf = id => {
    read++
    return sizeOf(id)
  }
  const readFor = (): boolean => {
    const before = read
    expect([...table.orderOf(ids)]).toEqual([2, 0, 1])
    return read > before
  }
  expect([readFor(), readFor(), readFor(), readFor()]).toEqual([true, true, false, false])
  table.atText('d')
  expect([readFor(), readFor(), readFor()]).toEqual([true, true, false])
})
