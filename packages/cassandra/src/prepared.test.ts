import { types } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { cqlText } from './cql-type.ts'
import { preparedOf } from './prepared.ts'

const code = types.dataTypes as unknown as Record<string, number>
const of = (name: string, info?: unknown) => ({ code: code[name] as number, info })
const text = of('varchar')
const marshal = 'org.apache.cassandra.db.marshal.'

test.each([
  [text, 'text'],
  [of('timeuuid'), 'timeuuid'],
  [of('counter'), 'counter'],
  [of('list', of('int')), 'list<int>'],
  [of('set', of('tuple', [of('int'), text])), 'set<tuple<int, text>>'],
  [of('map', [text, of('list', of('date'))]), 'map<text, frozen<list<date>>>'],
  [of('udt', { name: 'address', fields: [{ name: 'city', type: text }] }), 'address'],
  [of('custom', `${marshal}VectorType(${marshal}FloatType , 3)`), 'vector<float, 3>'],
  [of('custom', `${marshal}DurationType`), 'duration'],
  [of('custom', 'com.example.Point'), 'com.example.Point'],
])('reads %j as %s', (type, expected) => {
  const { parameters } = preparedOf({ columns: [{ name: 'v', type }] })
  expect(parameters.map(each => [each.name, cqlText(each.type)])).toEqual([['v', expected]])
})

test('tells the markers of the partition key, and the tables', () => {
  const columns = [
    { name: 'v', type: text, ksname: 'ks', tablename: 't' },
    { name: 'k', type: text, ksname: 'ks', tablename: 'u' },
    { name: 'v', type: text, ksname: 'ks', tablename: 't' },
  ]
  expect(preparedOf({ columns, partitionKeys: [1] })).toMatchObject({
    partitionKey: [1],
    tables: [
      { keyspace: 'ks', table: 't' },
      { keyspace: 'ks', table: 'u' },
    ],
  })
  const global = preparedOf({ keyspace: 'ks', table: 't', columns: [{ name: 'v', type: text }] })
  expect(global).toMatchObject({ partitionKey: [], tables: [{ keyspace: 'ks', table: 't' }] })
})
