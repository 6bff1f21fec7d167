import { json, type Schema, schema, t } from '@millrace/core'
import { expect, test } from 'vitest'
import { parseCqlType } from './cql-type.ts'
import { parseQueryOptions, type QuerySinkOptions } from './query-options.ts'
import { planQuery } from './query-plan.ts'

const Row = schema({ userId: t.string(), n: t.int32(), note: t.string().nullable() })

function plan(
  markers: readonly (readonly [name: string, type: string])[],
  options: QuerySinkOptions<Record<string, unknown>> = {},
  { of = Row, partitionKey = [] as number[] }: { of?: Schema; partitionKey?: number[] } = {},
) {
  const parameters = markers.map(([name, type]) => ({ name, type: parseCqlType(type) }))
  const settings = parseQueryOptions(options)
  const fields = [...settings.computed.keys()].map(name => [name, t.string()] as const)
  const all = of.isOpen
    ? of
    : schema({
        ...Object.fromEntries(of.fields.map(({ name, type }) => [name, type])),
        ...Object.fromEntries(fields),
      })
  const computed = new Map(fields.map(([name]) => [name, ['n']]))
  const prepared = { parameters, partitionKey, tables: [] }
  return planQuery('UPDATE …', prepared, settings, { schema: all, key: null, computed })
}

const froms = (made: ReturnType<typeof plan>) =>
  made.plan.statement.parameters.map(each => (each.kind === 'column' ? each.bound.from : each.kind))

test('goes by name, exact or in lower case; a name that stands twice is bound twice', () => {
  const made = plan(
    [
      ['n', 'int'],
      ['userid', 'text'],
      ['n', 'bigint'],
    ],
    {},
    { partitionKey: [1] },
  )
  expect(made.problems).toEqual([])
  expect(froms(made)).toEqual(['n', 'userId', 'n'])
  expect(made.plan.partitionKey.map(({ from, isKey }) => [from, isKey])).toEqual([['userId', true]])
})

test('renames, computes, and gives the write time', () => {
  const made = plan(
    [
      ['time', 'bigint'],
      ['v', 'int'],
      ['label', 'text'],
      ['userid', 'text'],
    ],
    { params: { V: 'n', label: () => '' }, writeTime: 'time' },
  )
  expect(made.problems).toEqual([])
  expect(froms(made)).toEqual(['time', 'n', 'params.label', 'userId'])
})

test('tells everything that does not fit at once, once each', () => {
  const { problems } = plan(
    [
      ['t', 'int'],
      ['userid', 'uuid'],
      ['n', 'text'],
      ['nte', 'text'],
      ['nte', 'text'],
      ['x', 'text'],
    ],
    { params: { x: 'noet', usrid: 'n' }, writeTime: 't' },
  )
  expect(problems).toEqual([
    'the query has no parameter :usrid for params. Did you mean "userid"?',
    'writeTime is for a bigint, as after USING TIMESTAMP; :t is int',
    'column "n" of the frame is int32, and :n of the query is text; int32 fits tinyint, smallint, int, bigint, counter, varint, decimal, double, time',
    ':nte (text): the frame has no column "nte". Did you mean "note"? Say where it comes from: params: { nte: … }',
    ':x (text): the frame has no column "noet". Did you mean "note"? Say where it comes from: params: { x: … }',
  ])
  expect(plan([], {}).problems).toEqual(['the query has no parameter, such as :id'])
  expect(plan([['n', 'int']], { writeTime: 'time' }).problems).toEqual([
    'the query has no parameter :time for writeTime.',
  ])
})

test('what is computed for another parameter is no column of the frame', () => {
  const made = plan([['params.v', 'text']], { params: { v: () => '' } })
  expect(made.problems).toContain(
    ':"params.v" (text): the frame has no column "params.v". Say where it comes from: params: { params.v: … }',
  )
})

test('takes of an open frame whatever the query names', () => {
  const made = plan([['anything', 'int']], {}, { of: json().schema })
  expect(made.problems).toEqual([])
  expect(froms(made)).toEqual(['anything'])
})
