import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { entryPages, writeInPages } from './entry-pages.ts'
import { memoryBackend } from './memory-backend.ts'
import type { StateEntry } from './state-backend.ts'

const bytesOf = ({ key, value }: StateEntry): number => key.length + (value?.length ?? 0)
const entry = fc.record({
  key: fc.uint8Array({ minLength: 1, maxLength: 8 }),
  value: fc.option(fc.uint8Array({ minLength: 1, maxLength: 40 })),
})

describe('pages of entries', () => {
  test('are the entries in their order, none of them empty', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.integer({ min: 1, max: 100 }), (entries, bytesMax) => {
        const pages = [...entryPages(entries, bytesMax)]
        expect(pages.flat()).toEqual(entries)
        expect(pages.every(({ length }) => length > 0)).toBe(true)
      }),
    )
  })

  test('hold no more than the bound and one entry; only the last holds less', () => {
    fc.assert(
      fc.property(fc.array(entry), fc.integer({ min: 1, max: 100 }), (entries, bytesMax) => {
        const pages = [...entryPages(entries, bytesMax)]
        for (const [i, page] of pages.entries()) {
          const bytes = page.reduce((sum, each) => sum + bytesOf(each), 0)
          expect(bytes - bytesOf(page.at(-1) as StateEntry)).toBeLessThan(bytesMax)
          if (i < pages.length - 1) expect(bytes).toBeGreaterThanOrEqual(bytesMax)
        }
      }),
    )
  })
})

test('what is written last is there after all the rest, which is more than one page', async () => {
  const space = await memoryBackend().open('space')
  const sizes: number[] = []
  const write = space.write.bind(space)
  space.write = entries => {
    sizes.push(entries.length)
    return write(entries)
  }
  const large = Array.from({ length: 3 }, (_, i) => ({
    key: Uint8Array.of(i),
    value: new Uint8Array(1024 * 1024),
  }))
  await writeInPages(space, [...large, { key: Uint8Array.of(9), value: Uint8Array.of(1) }])
  expect(sizes).toEqual([1, 1, 1, 1])
  expect(await space.scan(Uint8Array.of(0), null, 10)).toHaveLength(4)
})
