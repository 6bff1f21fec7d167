import { describe, expect, test } from 'vitest'
import { functionReads } from './function-reads.ts'

type Row = Record<string, never>
/** A function as a user's program holds it: nothing of this file's compilation is in its source. */
const made = (source: string): unknown => new Function(`return ${source}`)()
const names = (source: string): readonly string[] | null => functionReads(made(source)).names

describe('names are known of', () => {
  test.each([
    ['row => row.a > 1', ['a']],
    ['row=>row.a>1&&row.b<2', ['a', 'b']],
    ['r => r.a', ['a']],
    ['function (row) { return row.a + row.b }', ['a', 'b']],
    ['function named(row) { if (row.a) return row.b; return 1 }', ['a', 'b']],
    ["row => row['odd name'] + row[\"it's\"]", ['odd name', "it's"]],
    ['row => row?.a?.b', ['a']],
    ['row => row.a.b.c', ['a']],
    ['row => ({ a: row.a, row: 1, x: other.row })', ['a']],
    [`row => \`$\{row.a} / $\{'row'}\``, ['a']],
    ['row => /row\'"/.test(row.a)', ['a']],
    ['row => row.a / row.b / 2', ['a', 'b']],
    ['(({ a, b }) => a + b)', ['a', 'b']],
    ['({ a: { c }, "d e": f = 1 }) => c + f', ['a', 'd e']],
    ['({ a }) => [1].map(x => x + a)', ['a']],
    ['row => { const { a, b: c = 2 } = row; return a + c }', ['a', 'b']],
    ['row => { const a = row.a; return [1].map(x => x + a) }', ['a']],
    ['row => row.tags.includes("x") || row.tags.length > 2', ['tags']],
    ['() => true', []],
    ['({ map(row) { return row.a } }).map', ['a']],
    ['({ "odd key"(row) { return row.a } })["odd key"]', ['a']],
    ['row => { // row, row[x]\n return /* { ...row } */ row.a }', ['a']],
    ['row => typeof row.a === "string" ? void 0 : -row.b', ['a', 'b']],
    ['(row) => (row.a, row.b)', ['a', 'b']],
  ])('%s', (source, expected) => {
    expect(names(source)).toEqual(expected)
  })

  test('functions as TypeScript leaves them', () => {
    expect(
      functionReads((row: { readonly a: number }): boolean => (row.a as number) > 1).names,
    ).toEqual(['a'])
    expect(functionReads((row: Row) => row['a']!).names).toEqual(['a'])
  })
})

describe('a plain row is needed where', () => {
  test.each([
    ['it is spread', 'row => ({ ...row })'],
    ['the rest of it is taken', '({ a, ...rest }) => rest'],
    ['the rest of it is taken in the body', 'row => { const { a, ...rest } = row; return rest }'],
    ['it is passed on', 'row => f(row)'],
    ['its keys are read', 'row => Object.keys(row).length'],
    ['in asks it', 'row => "a" in row'],
    ['it is made JSON', 'row => JSON.stringify(row)'],
    ['it is cloned', 'row => structuredClone(row)'],
    ['it is compared', 'row => row === last'],
    ['it is returned', 'row => row'],
    ['it is in an array', 'row => [row]'],
    ['it is in an object', 'row => ({ row })'],
    ['it has another name', 'row => { const r = row; return r.a }'],
    ['a name is computed', 'row => row[name]'],
    ['a name is a number', 'row => row[0]'],
    ['a cell is set', 'row => { row.a = 1; return row.b }'],
    ['a cell is set among others', 'row => { [row.a] = [1]; return 1 }'],
    ['a cell is set from an object', 'row => { ({ a: row.a } = { a: 1 }); return 1 }'],
    ['a cell is counted up', 'row => row.a++'],
    ['a cell is deleted', 'row => delete row.a'],
    ['a loop sets a cell', 'row => { for (row.a of [1]) ; return 1 }'],
    ['a cell is called', 'row => row.a()'],
    ['a cell is called, perhaps', 'row => row.a?.()'],
    ['a cell is a tag', 'row => row.a`x`'],
    ['a name is one of every object', 'row => row.constructor'],
    ['a name is __proto__', 'row => row.__proto__'],
    ['a name taken apart is one of every object', '({ toString }) => toString'],
    ['a closure has it', 'row => () => row.a'],
    ['a closure that runs at once has it', 'row => [1].map(x => x + row.a)'],
    ['a class has it', 'row => class { a = row.a }'],
    ['a method has it', 'row => ({ get a() { return row.a } })'],
    ['arguments may be it', 'function (row) { return arguments[0].a }'],
    ['arguments may be it, taken apart', 'function ({ a }) { return arguments[0] }'],
    ['arguments are all there is', 'function () { return arguments[0] }'],
    ['eval may read it', 'row => eval("row")'],
    ['with makes names its own', 'function (row) { with (row) { return a } }'],
    ['it has a default', '(row = {}) => row.a'],
    ['there are several parameters', '(row, other) => row.a'],
    ['parameters have no names', '(...rows) => rows[0].a'],
    ['another has its name', 'row => { { const row = 1 } return row.a }'],
    ['the text may be a comment or not', 'row => { return row.a < 1 <!--row.b\n }'],
    ['it is awaited', 'async row => row.a'],
    ['it is a generator', 'function* (row) { yield row.a }'],
    ['it is true or not', 'row => row && row.a'],
    ['it is assigned', 'row => { row = other; return row.a }'],
    ['the function is bound', '((row) => row.a).bind(null)'],
    ['the function is native', 'Object.keys'],
    ['the function is a class', 'class { constructor(row) { this.a = row.a } }'],
    ['the function is a proxy', 'new Proxy(row => row.a, {})'],
  ])('%s', (_, source) => {
    expect(names(source)).toBe(null)
  })
})

test.each([
  ['row => ({ a: row.a })', true],
  ['row => ({ ...row, a: 1 })', true],
  ['row => { if (row.a) return { a: 1 }; return { b: 2 } }', true],
  ['row => { const f = () => row; return { a: 1 } }', true],
  ['row => row', false],
  ['row => { if (row.a) return row; return { b: 2 } }', false],
  ['row => { return }', false],
  ['row => ({ get a() { return 1 } })', false],
  ['row => ({ a() {} })', false],
  ['row => ({ __proto__: row })', false],
  ['row => Object.freeze({ a: 1 })', false],
  ['row => { }', false],
])('a new object from %s: %s', (source, expected) => {
  expect(functionReads(made(source)).givesNewObject).toBe(expected)
})
