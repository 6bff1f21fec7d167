import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withAssertions } from './assertions.mjs'
import { fencesOf } from './fences.mjs'
import { testFile, writeDocTests } from './generate.mjs'

const FENCE = '```'

/** @type {string} */
let root

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'doc-tests-'))
  mkdirSync(join(root, 'docs'))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

/** @param {string} code */
const asserted = code => withAssertions(code.split('\n')).join('\n')

test('finds the ts fences and what they say of themselves', () => {
  const page = [
    `${FENCE}ts\na\n${FENCE}`,
    `${FENCE}json\n{}\n${FENCE}`,
    `- item\n  ${FENCE}ts no-run\n  b\n  ${FENCE}`,
    `${FENCE}ts continue\nc\n${FENCE}`,
  ].join('\n')
  expect(fencesOf(page)).toEqual([
    { line: 2, lines: ['a'], runs: true, continues: false },
    { line: 9, lines: ['b'], runs: false, continues: false },
    { line: 12, lines: ['c'], runs: true, continues: true },
  ])
})

test('asserts the value of an expression', () => {
  expect(asserted('sum(1, 2) // => 3')).toBe('__expect(sum(1, 2)).toEqual(3)')
  expect(asserted('if (a) {\n  f() // => [1]\n}')).toBe('if (a) {\n  __expect(f()).toEqual([1])\n}')
})

test('asserts the value of a declaration', () => {
  expect(asserted('const a = f() // => 3')).toBe('const a = f(); __expect(a).toEqual(3)')
})

test('asserts a statement of several lines, its value below it over several lines', () => {
  const code = [
    'await frame',
    '  .agg(c => ({',
    '    n: count(),',
    '  }))',
    '  .collect()',
    '// => [',
    `//   { a: '[' },`,
    '// ]',
    'done()',
  ]
  expect(withAssertions(code)).toEqual([
    '__expect(await frame',
    '  .agg(c => ({',
    '    n: count(),',
    '  }))',
    `  .collect()).toEqual([ { a: '[' }, ])`,
    '',
    '',
    '',
    'done()',
  ])
})

test('refuses a value that is not closed', () => {
  expect(() => asserted('a() // => [1,')).toThrow('open bracket')
})

test('moves imports up and keeps every line where it stands on the page', () => {
  const page = `# A\n${FENCE}ts\nimport {\n  a,\n} from 'x'\n\nexport const b = a\n${FENCE}`
  expect(testFile('docs/a.md:3', fencesOf(page)).split('\n')).toEqual([
    `import { expect as __expect, test as __test } from 'vitest'; import { a, } from 'x'; `,
    `__test('docs/a.md:3', async () => {`,
    '',
    '',
    '',
    '',
    'const b = a',
    '})',
    '',
  ])
})

test('leaves a fence that is a test file as it is', () => {
  const code = `import { test } from 'vitest'\ntest('x', () => {})`
  expect(testFile('a.md:2', fencesOf(`${FENCE}ts\n${code}\n${FENCE}`))).toBe(`\n${code}\n`)
})

test('reads the doc comments of the packages, and nothing else of their sources', () => {
  const source = `/**\n * Adds.\n *\n * ${FENCE}ts\n * add(1, 2) // => 3\n * ${FENCE}\n */\nadd\n`
  mkdirSync(join(root, 'packages/core/src'), { recursive: true })
  writeFileSync(join(root, 'packages/core/src/add.ts'), source)
  const [file = ''] = writeDocTests(root)
  expect(file).toBe('.generated/doc-tests/packages/core/src/add.5.test.ts')
  expect(readFileSync(join(root, file), 'utf8').split('\n')[4]).toBe(
    '__expect(add(1, 2)).toEqual(3)',
  )
})

test('writes a file per fence, joins those that continue, and removes what is gone', () => {
  const readme = join(root, 'README.md')
  const folder = '.generated/doc-tests'
  const fixed = [`${folder}/tsconfig.json`, `${folder}/none.ts`]
  writeFileSync(
    readme,
    `${FENCE}ts\nconst a = 1\n${FENCE}\n${FENCE}ts continue\na // => 1\n${FENCE}\n`,
  )
  writeFileSync(join(root, 'docs/b.md'), `${FENCE}ts no-run\nb()\n${FENCE}\n`)
  expect(writeDocTests(root)).toEqual([
    `${folder}/README.2.test.ts`,
    `${folder}/docs/b.2.ts`,
    ...fixed,
  ])
  const text = readFileSync(join(root, folder, 'README.2.test.ts'), 'utf8')
  expect(text).toContain('const a = 1\n\n\n__expect(a).toEqual(1)')

  rmSync(readme)
  expect(writeDocTests(root)).toEqual([`${folder}/docs/b.2.ts`, ...fixed])
  expect(() => readFileSync(join(root, folder, 'README.2.test.ts'))).toThrow('ENOENT')
})
