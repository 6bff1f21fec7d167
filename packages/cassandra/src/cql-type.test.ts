import { expect, test } from 'vitest'
import { cqlText, parseCqlType } from './cql-type.ts'

test.each([
  'text',
  'list<int>',
  'frozen<set<uuid>>',
  'map<text, frozen<list<int>>>',
  'tuple<int, text>',
  'vector<float, 3>',
  'map<int, tuple<text, frozen<map<text, int>>>>',
])('reads %s and writes it again', text => {
  expect(cqlText(parseCqlType(text))).toBe(text)
})

test('finds the fields of user-defined types, also within others', () => {
  const udts = (name: string) =>
    name === 'Address'
      ? [
          { name: 'city', type: 'text' },
          { name: 'lines', type: 'list<text>' },
        ]
      : undefined
  const type = parseCqlType('map<text, frozen<"Address">>', udts)
  expect(type).toMatchObject({
    kind: 'map',
    value: { kind: 'udt', fields: [{ name: 'city' }, { name: 'lines', type: { kind: 'list' } }] },
  })
})

test.each(["'org.example.Custom'", 'list<', 'map<int>', 'nothing_known', 'list<int>>', ''])(
  'takes %j for something it cannot write',
  text => {
    expect(parseCqlType(text)).toEqual({ kind: 'other', text })
  },
)

test('gives up on types without end', () => {
  const text = `${'list<'.repeat(10_000)}int${'>'.repeat(10_000)}`
  expect(parseCqlType(text).kind).toBe('other')
  const endless = () => [{ name: 'me', type: 'me' }]
  expect(parseCqlType('me', endless).kind).toBe('other')
})
