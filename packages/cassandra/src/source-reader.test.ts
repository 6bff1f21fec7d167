import { MillraceError, recordsOf, type Source, schema, t } from '@millrace/core'
import { testSource } from '@millrace/core/testing'
import { describe, expect, test } from 'vitest'
import { type Page, RangePages } from './range-pages.ts'
import { type FoundRow, type RowPosition, TableReader } from './source-reader.ts'
import { splitRange, type TokenRange } from './token-range.ts'

const Row = schema({ p: t.int32(), n: t.int32() })
const PAGE = 3

/** Partitions of tokens 10, 20, …; so many rows each. */
function table(...counts: number[]) {
  const rows = counts.flatMap((count, i) =>
    Array.from({ length: count }, (_, n) => ({ token: BigInt((i + 1) * 10), p: i, n })),
  )
  const bad = new Set<object>()
  const ask = async ({ after, to }: TokenRange, more: string | null): Promise<Page<FoundRow>> => {
    const found = rows.filter(({ token }) => token > after && token <= to)
    const from = Number(more ?? 0)
    const page = found.slice(from, from + PAGE).map(row => ({
      token: row.token,
      row: () => {
        if (bad.has(row)) throw new MillraceError('DECODE_FAILED', 'bad row')
        return { p: row.p, n: row.n }
      },
      text: () => `${row.p}/${row.n}`,
    }))
    return { rows: page, more: from + PAGE < found.length ? `${from + PAGE}` : null }
  }
  const open = ({ token, rows: read }: RowPosition = { token: 0n, rows: 0 }, splits = 4) => {
    const after = read === 0 ? token : token - 1n
    return new TableReader(
      {
        pages: new RangePages(splitRange({ after, to: 100n }, splits), ask, 2),
        recordOf: recordsOf(Row, 'row', {}),
        table: 'ks.t',
        close: async () => {},
      },
      { token, rows: read },
    )
  }
  return { rows, bad, open }
}

function positionOf(text: string | null): RowPosition {
  const [token = '0', rows = '0'] = (text ?? '0').split('.')
  return { token: BigInt(token), rows: Number(rows) }
}

/** What comes from a position on. */
async function rest(reader: TableReader): Promise<string[]> {
  const found: string[] = []
  for (let isEnd = false; !isEnd; ) {
    const chunk = await reader.read(2)
    found.push(...chunk.records.map(({ value }) => `${value['p']}/${value['n']}`))
    isEnd = chunk.isEnd
  }
  return found
}

testSource({ describe, test, expect }, () =>
  Object.freeze<Source>({
    name: 'table',
    schema: Row,
    isBounded: true,
    partitionCount: 1,
    open: async (_, position) => table(2, 8, 0, 1, 1, 5).open(positionOf(position)),
  }),
)

test('goes on within a partition that is larger than a page, with other ranges too', async () => {
  const { open, rows } = table(1, 20, 1)
  const first = await open().read(9)
  expect(first.position).toBe('20.8')
  for (const splits of [1, 3, 50]) {
    const all = rows.map(({ p, n }) => `${p}/${n}`)
    expect(await rest(open(positionOf(first.position), splits))).toEqual(all.slice(9))
  }
})

test('steps over no row of another partition when that of the position is gone', async () => {
  const before = await table(3, 2, 2).open().read(5)
  expect(before.position).toBe('20.2')
  expect(await rest(table(3, 0, 2).open(positionOf(before.position)))).toEqual(['2/0', '2/1'])
})

test('an empty table is at its end', async () => {
  const reader = table().open()
  expect(await reader.read(10)).toEqual({ records: [], position: '100', isEnd: true })
})

test('gives good rows before a bad one, and steps over it', async () => {
  const { open, rows, bad } = table(4)
  bad.add(rows[1] as object)
  const reader = open()
  expect((await reader.read(10)).records.length).toBe(1)
  await expect(reader.read(10)).rejects.toMatchObject({ code: 'DECODE_FAILED' })
  expect(String(await reader.skipBad())).toBe('0/1')
  expect(await rest(reader)).toEqual(['0/2', '0/3'])
})
