import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ORDER } from './import-table.mjs'
import { testsBeside } from './tests-beside.mjs'
import { tidy } from './tidy.mjs'
import { Tree } from './tree.mjs'

const CORE = 'packages/core/src'

/** A small tree that keeps every rule. */
const CLEAN = {
  'ARCHITECTURE.md': `# Map

\`plan/\` is data, \`operator/\` runs, \`compile/\` knows both, and \`expr/\` reads.

## Where does a filter run?
In [the filter](packages/core/src/operator/filter.ts).

## Where does a window close?
In [the filter](packages/core/src/operator/filter.ts), here.

## Where does an offset get committed?
In [the plan](packages/core/src/plan/filter.ts).
`,
  'docs/errors.md':
    '# Errors\n\n## `NOT_FOUND`\n\nLook [above](#errors).\n\n## OVERFLOW\n\nUse less.\n',
  [`${CORE}/errors.ts`]: `export const ERROR_CODES = ['NOT_FOUND', 'OVERFLOW'] as const\n`,
  [`${CORE}/expr/expr.ts`]: 'export interface Expr {}\n',
  [`${CORE}/plan/filter.ts`]: `import type { Expr } from '../expr/expr.ts'\nexport type A = Expr\n`,
  [`${CORE}/operator/filter.ts`]: 'export const filter = 1\n',
  [`${CORE}/compile/lower.ts`]:
    `import { filter } from '../operator/filter.ts'\n` +
    `import type { A } from '../plan/filter.ts'\nexport const lower: A = filter\n`,
  'examples/flights/README.md': '# Flights\n\nRun it.\n',
  'examples/flights/src/main.ts': 'export {}\n',
}

/** @type {string} */
let root

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tidy-'))
  plant(CLEAN)
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

/** @param {Record<string, string>} files */
function plant(files) {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
}

/** What tidy says after something was planted: `file:line: text`. */
function said(files = {}) {
  plant(files)
  return tidy(root).map(({ file, line, text }) => `${file}${line ? `:${line}` : ''}: ${text}`)
}

/** @param {number} count */
const lines = count =>
  Array.from({ length: count }, (_, i) => `export type T${i} = ${i}\n`).join('')
const HEADER = '/**\n * What it is.\n */\n'

test('a clean tree has no findings', () => {
  expect(said()).toEqual([])
})

test('a dead link, and a dead heading', () => {
  const page = 'See [a](gone.md), [b](errors.md#overflow),\n[c](errors.md#nope), `[d](code.md)`.\n'
  expect(said({ 'docs/page.md': page })).toEqual([
    'docs/page.md:1: dead link to gone.md; mend it.',
    'docs/page.md:2: errors.md#nope: no such heading; mend the part after "#".',
  ])
})

test('a folder of core that the map does not name', () => {
  expect(said({ [`${CORE}/runtime/task.ts`]: 'export {}\n' })).toEqual([
    'ARCHITECTURE.md: does not name packages/core/src/runtime/; say what it is for.',
  ])
})

test.each([
  ['Where does a filter run?', 'In [the filter](packages/core/src/operator/filter.ts).'],
  ['Where does a window close?', 'In [the filter](packages/core/src/operator/filter.ts), here.'],
  ['Where does an offset get committed?', 'In [the plan](packages/core/src/plan/filter.ts).'],
])('an answer without a link: %s', (question, answer) => {
  const map = CLEAN['ARCHITECTURE.md'].replace(answer, 'Somewhere.')
  expect(map).not.toBe(CLEAN['ARCHITECTURE.md'])
  expect(said({ 'ARCHITECTURE.md': map })).toEqual([
    `ARCHITECTURE.md: "${question}" needs an answer that links to a file.`,
  ])
})

test.each([
  ['operator', 'plan', 'import', '"operator" never imports "plan"'],
  ['operator', 'expr', 'import type', '"operator" never imports "expr"'],
  ['plan', 'operator', 'import', '"plan" may not import "operator", which stands after it'],
])('a forbidden import: %s of %s', (from, to, statement, text) => {
  const target = to === 'expr' ? 'expr/expr' : `${to}/filter`
  const file = `${CORE}/${from}/planted.ts`
  expect(said({ [file]: `// why\n${statement} { X } from '../${target}.ts'\n` })).toEqual([
    expect.stringContaining(`${file}:2: ${text}`),
  ])
})

test('an import of a value where only types may pass', () => {
  plant({ [`${CORE}/sink/sink.ts`]: 'export {}\n' })
  plant({ 'ARCHITECTURE.md': CLEAN['ARCHITECTURE.md'].replace('# Map', '# Map of `sink/`') })
  const file = `${CORE}/plan/to-sink.ts`
  expect(said({ [file]: `import type { S } from '../sink/sink.ts'\n` })).toEqual([])
  expect(said({ [file]: `import { S } from '../sink/sink.ts'\n` })).toEqual([
    `${file}:1: "plan" may import only types from "sink"; write "import type".`,
  ])
})

test('compile alone may import plan and operator, tests may import anything', () => {
  expect(
    said({ [`${CORE}/operator/a.test.ts`]: `import { A } from '../plan/filter.ts'\n` }),
  ).toEqual([])
  expect(ORDER.indexOf('plan')).toBeLessThan(ORDER.indexOf('operator'))
})

test('an unknown folder of core', () => {
  const map = CLEAN['ARCHITECTURE.md'].replace('# Map', '# Map of `misc/`')
  expect(said({ [`${CORE}/misc/a.ts`]: 'export {}\n', 'ARCHITECTURE.md': map })).toEqual([
    `${CORE}/misc: "misc" is not in the import table; add it to scripts/tidy/import-table.mjs.`,
  ])
})

test('an import cycle, but not one of types', () => {
  const a = `${CORE}/expr/a.ts`
  const b = `${CORE}/expr/b.ts`
  expect(
    said({ [a]: `import type { B } from './b.ts'\n`, [b]: `import { A } from './a.ts'\n` }),
  ).toEqual([])
  expect(said({ [a]: `export * from './b.ts'\n` })).toEqual([
    `${a}: import cycle ${a} → ${b} → ${a}; move what both need to a third file.`,
  ])
})

test('a file of 400 lines, and a test that may be longer', () => {
  const file = `${CORE}/expr/long.ts`
  expect(said({ [`${CORE}/expr/long.test.ts`]: lines(400), [file]: HEADER + lines(400) })).toEqual([
    `${file}: 400 lines of code, 300 at most; split it by what it does.`,
  ])
})

test('comments and blank lines are not code', () => {
  const comment = `/*\n${'a\n'.repeat(200)}*/\n\n`
  expect(said({ [`${CORE}/expr/long.ts`]: HEADER + lines(290) + comment })).toEqual([])
})

test('a file over 60 lines without a header', () => {
  expect(said({ 'scripts/plain.mjs': lines(61).replaceAll('type ', '') })).toEqual([
    expect.stringMatching(/^scripts\/plain.mjs: 61 lines of code and no header; open with/),
  ])
})

test('a line of more than 100 columns', () => {
  expect(said({ 'scripts/wide.mjs': `\n// ${'x'.repeat(98)}\n` })).toEqual([
    'scripts/wide.mjs:2: 101 columns, 100 at most; break the line.',
  ])
})

test('tests may quote longer lines, but not any', () => {
  const file = width => ({ 'scripts/wide.test.mjs': `// ${'x'.repeat(width - 3)}\n` })
  expect(said(file(160))).toEqual([])
  expect(said(file(161))).toEqual([
    'scripts/wide.test.mjs:1: 161 columns, 160 at most; break the line.',
  ])
})

test('names that say nothing, and names that are not kebab-case', () => {
  expect(said({ 'scripts/utils.mjs': '', 'scripts/camelCase.mjs': '' })).toEqual([
    'scripts/camelCase.mjs: file names are kebab-case.',
    'scripts/utils.mjs: says nothing; name the file after the one thing it exports.',
  ])
})

test('default exports, enums and namespaces, but not in strings', () => {
  const text = `export default 1\nconst enum A {}\nexport namespace B {}\nconst s = \`\nenum C {}\``
  expect(said({ 'scripts/a.ts': text, 'a.config.ts': 'export default 1\n' })).toEqual([
    'scripts/a.ts:1: default export; export it by name.',
    'scripts/a.ts:2: enum; use an `as const` object or a union.',
    'scripts/a.ts:3: namespace; use a module.',
  ])
})

test('a TODO without an issue number', () => {
  const text = `// ${'TODO'}: later\n// ${'TODO'}(#12): later\nconst s = '${'TODO'}'\n`
  expect(said({ 'scripts/a.mjs': text })).toEqual([
    'scripts/a.mjs:1: TODO without an issue number; write TODO(#12).',
  ])
})

test('a source file without a test, unless a list gives the reason', () => {
  const file = `${CORE}/expr/deed.ts`
  const deed = Array.from({ length: 13 }, (_, i) => `export const a${i} = ${i}\n`).join('')
  expect(said({ [file]: deed })).toEqual([
    expect.stringContaining(`${file}: has no test; write deed.test.ts beside it, or say why`),
  ])
  const tree = new Tree(root)
  expect(testsBeside(tree, { [file]: 'a reason' })).toEqual([])
  expect(testsBeside(tree, { [`${CORE}/expr/`]: 'a reason' })).toEqual([])
  expect(testsBeside(tree, { [file]: 'a reason', 'gone.ts': 'a reason' })).toEqual([
    { file: 'gone.ts', text: 'is not there; take it out of scripts/tidy/untested.mjs.' },
  ])
  expect(said({ [`${CORE}/expr/deed.test.ts`]: '' })).toEqual([])
})

test('an error without a heading, and a heading without an error', () => {
  const page = CLEAN['docs/errors.md'].replace('OVERFLOW', 'GONE')
  expect(said({ 'docs/errors.md': page })).toEqual([
    'docs/errors.md: has no heading for OVERFLOW; say what to do.',
    'docs/errors.md: GONE is not a code of packages/core/src/errors.ts.',
  ])
})

test('an example without a README, or with a long one', () => {
  const long = 'a\n'.repeat(31)
  expect(
    said({ 'examples/new/src/main.ts': 'export {}\n', 'examples/flights/README.md': long }),
  ).toEqual([
    'examples/flights/README.md: 31 lines, 30 at most; keep the heart.',
    'examples/new/README.md: is missing; say what it shows and how to run it.',
  ])
})

test('paths of a machine, internal hosts, addresses in the lock file', () => {
  const page = `In /${'root'}/x and /${'home'}/ann, at http://repo.${'internal'}/x; docs/root/ is fine.\n`
  expect(
    said({ 'docs/page.md': page, 'pnpm-lock.yaml': 'a: https://example.org/a.tgz\n' }),
  ).toEqual([
    `docs/page.md:1: "/${'root'}/" is a path of one machine; make it relative.`,
    `docs/page.md:1: "/${'home'}/a" is a path of one machine; make it relative.`,
    `docs/page.md:1: "//repo.${'internal'}" is the name of an internal host; take it out.`,
    'pnpm-lock.yaml:1: "https://example.org/a.tgz" is an address of a registry; lock files and .npmrc name none.',
  ])
})

test('a package that tsc -b would not see', () => {
  plant({ 'packages/core/package.json': '{}', 'packages/core/tsconfig.json': '{}' })
  plant({ 'packages/core/tsconfig.test.json': '{}' })
  plant({ 'tsconfig.build.json': '{ "references": [{ "path": "packages/core" }] }' })
  expect(said({ 'tsconfig.json': '{}' })).toEqual([
    expect.stringContaining('does not reference packages/core/tsconfig.test.json; add'),
  ])
})
