import { expect, test } from 'vitest'
import { type Page, RangePages } from './range-pages.ts'
import { splitRange, type TokenRange } from './token-range.ts'

/** Tokens 1 to 100, three to a page, and how many questions were open at most. */
function server() {
  const state = { open: 0, most: 0, asked: 0 }
  const ask = async ({ after, to }: TokenRange, more: string | null): Promise<Page<number>> => {
    state.open++
    state.asked++
    state.most = Math.max(state.most, state.open)
    await new Promise(resolve => setImmediate(resolve))
    state.open--
    const first = more === null ? Number(after) + 1 : Number(more)
    const rows = [first, first + 1, first + 2].filter(token => token <= Number(to))
    return { rows, more: first + 3 <= Number(to) ? `${first + 3}` : null }
  }
  return { state, ask }
}

async function all(pages: RangePages<number>): Promise<number[]> {
  const rows: number[] = []
  for (let page = await pages.next(); page !== null; page = await pages.next()) {
    rows.push(...page.rows)
  }
  return rows
}

const TOKENS = Array.from({ length: 100 }, (_, i) => i + 1)

test.each([1, 2, 4, 200])('gives every row in order, with %i questions at most', async most => {
  const { state, ask } = server()
  const ranges = splitRange({ after: 0n, to: 100n }, 10)
  expect(await all(new RangePages(ranges, ask, most))).toEqual(TOKENS)
  expect(state.most).toBe(Math.min(most, 10))
})

test('asks for no more than may be in memory', async () => {
  const { state, ask } = server()
  const pages = new RangePages(splitRange({ after: 0n, to: 100n }, 10), ask, 3)
  await pages.next()
  await new Promise(resolve => setImmediate(resolve))
  expect(state.asked).toBe(1 + 3)
})

test('a question that fails is told in its turn, and again', async () => {
  const { ask } = server()
  const failing = (range: TokenRange, more: string | null) =>
    range.after === 10n ? Promise.reject(new Error('gone')) : ask(range, more)
  const pages = new RangePages(splitRange({ after: 0n, to: 100n }, 10), failing, 4)
  for (let i = 0; i < 4; i++) expect((await pages.next())?.range.after).toBe(0n)
  await expect(pages.next()).rejects.toThrow('gone')
  await expect(pages.next()).rejects.toThrow('gone')
})
