import { type LookupContext, schema, t } from '@millrace/core'
import { ManualClock } from '@millrace/core/testing'
import { type Client, errors } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { Connection } from './connection.ts'
import { parseLookupOptions } from './lookup-options.ts'
import { TableLookup } from './table-lookup.ts'

const COLUMNS = [
  { column_name: 'id', kind: 'partition_key', position: 0, type: 'text' },
  { column_name: 'n', kind: 'regular', position: -1, type: 'int' },
]

/** A table whose row of key `k<i>` has n = i; `answer` may keep or refuse an answer. */
async function open(answer: () => Promise<void> = async () => {}, warnings: string[] = []) {
  const clock = new ManualClock()
  const asked: string[] = []
  const client = {
    batch() {},
    async execute(cql: string, params: readonly unknown[]) {
      if (cql.includes('system_schema.columns')) return { rows: COLUMNS }
      if (cql.includes('system_schema')) return { rows: [] }
      asked.push(cql)
      await answer()
      const n = Number(String(params[0]).slice(1))
      return { first: () => (n < 100 ? { values: () => [n] } : null) }
    },
  }
  const settings = parseLookupOptions({
    schema: schema({ id: t.string(), n: t.int32() }),
    key: ['id'],
    concurrency: 3,
    retryFor: '1m',
  })
  const connection = new Connection(client as unknown as Client)
  const lookup = new TableLookup(connection, { keyspace: 'ks', table: 'T' }, settings)
  const warn = (text: string) => warnings.push(text)
  const context: LookupContext = { step: 'lookup#1', fields: ['n'], clock, warn }
  await lookup.open(context)
  return { lookup, clock, asked }
}

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

test('asks by the primary key, with a bounded number of questions at once', async () => {
  const answers: (() => void)[] = []
  const { lookup, asked } = await open(() => new Promise(resolve => answers.push(resolve)))
  const rows = lookup.rows([['k1'], ['k2'], ['k300'], ['k4'], ['k5']])
  await turn()
  expect(asked).toEqual(new Array(3).fill('SELECT "n" FROM "ks"."T" WHERE "id" = ?'))
  answers.shift()?.()
  await turn()
  expect(asked.length).toBe(4)
  while (answers.length > 0) {
    answers.shift()?.()
    await turn()
  }
  expect(await rows).toEqual([[1], [2], null, [4], [5]])
})

test('waits while the server is away, says so, and goes on', async () => {
  let isAway = true
  const warnings: string[] = []
  const { lookup, clock } = await open(async () => {
    if (isAway) throw new errors.NoHostAvailableError({})
  }, warnings)
  expect(lookup.waitsFor).toBeNull()
  const rows = lookup.rows([['k1']])
  await turn()
  expect(lookup.waitsFor).toMatch(/^Cassandra cannot be reached: no node answers/)
  expect(warnings.length).toBe(1)
  isAway = false
  await clock.advance(5_000)
  expect(await rows).toEqual([[1]])
  expect(lookup.waitsFor).toBeNull()
})

test('what the server refuses is an error that names the table', async () => {
  const { lookup } = await open(() => Promise.reject(new errors.AuthenticationError('no login')))
  await expect(lookup.rows([['k1']])).rejects.toMatchObject({
    code: 'LOOKUP_FAILED',
    text: 'rows of ks."T" cannot be looked up: no login.',
  })
})
