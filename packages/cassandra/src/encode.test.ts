import { expect, test } from 'vitest'
import { CqlRefusal } from './cql-refusal.ts'
import { parseCqlType } from './cql-type.ts'
import { cqlEncoder, pathOf } from './encode.ts'

const address = () => [
  { name: 'city', type: 'text' },
  { name: 'lines', type: 'list<int>' },
]
const hex = (type: string, value: unknown) =>
  cqlEncoder(parseCqlType(type, name => (name === 'address' ? address() : undefined)))(
    value,
  ).toString('hex')

test.each([
  ['list<tinyint>', [1, 2], '00000002000000010100000001' + '02'],
  ['set<tinyint>', [1, 1], '000000010000000101'],
  ['set<tinyint>', new Set([1]), '000000010000000101'],
  ['map<text, tinyint>', { a: 1 }, '00000001000000016100000001' + '01'],
  ['map<int, boolean>', { 5: true }, '0000000100000004000000050000000101'],
  ['map<double, tinyint>', { '1': 1 }, '00000001000000083ff00000000000000000000101'],
  ['map<text, tinyint>', new Map([['a', 1]]), '0000000100000001610000000101'],
  ['map<text, tinyint>', [['a', 1]], '0000000100000001610000000101'],
  ['tuple<tinyint, text>', [1, null], '0000000101ffffffff'],
  ['tuple<tinyint, text>', [1], '0000000101ffffffff'],
  ['vector<float, 2>', [1, 2], '3f80000040000000'],
  ['vector<float, 2>', new Float32Array([1, 2]), '3f80000040000000'],
  ['vector<text, 2>', ['a', 'bc'], '016102' + '6263'],
  ['address', { city: 'x' }, '0000000178ffffffff'],
])('%s of %j', (type, value, bytes) => {
  expect(hex(type, value)).toBe(bytes)
})

test.each([
  ['list<int>', [1, null], '[1]'],
  ['list<int>', 'no list', ''],
  ['map<text, int>', { a: 'x' }, '["a"]'],
  ['map<text, int>', [['a']], ''],
  ['tuple<int>', [1, 2], ''],
  ['vector<float, 2>', [1], ''],
  ['address', { city: 'x', lines: [1, 'y'] }, '.lines[1]'],
  ['address', { town: 'x' }, '.town'],
  ['address', ['x'], ''],
])('%s refuses %j and says where', (type, value, path) => {
  let refusal: unknown
  try {
    hex(type, value)
  } catch (error) {
    refusal = error
  }
  expect(refusal).toBeInstanceOf(CqlRefusal)
  expect(pathOf(refusal as CqlRefusal)).toBe(path)
})
