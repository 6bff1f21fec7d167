/**
 * Makes a vitest file of every `ts` fence of the README, the guide and the packages' doc comments,
 * under .generated/doc-tests.
 *
 * Line 15 of docs/windows.md is line 15 of the file made from it, so what fails or does not compile
 * is found at once. The code of a fence becomes the body of one test; its imports move to line 1. A
 * fence that imports vitest is a test file as it stands.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withAssertions } from './assertions.mjs'
import { fencesOf } from './fences.mjs'

const FOLDER = '.generated/doc-tests'
const UNREAD = new Set(['node_modules', 'dist'])
const IMPORT = /^import\s(?:[^'"]*?\sfrom\s+)?['"][^'"]+['"];?/gm
const EXPORT = /^export (?=(?:const|let|async|function|class|type|interface)\b)/gm

/**
 * Writes the files that have changed and removes those that have no fence any more.
 *
 * @param {string} root
 * @returns {string[]} the files, relative to the root
 */
export function writeDocTests(root) {
  const files = new Map(pagesOf(root).flatMap(page => [...filesOfPage(root, page)]))
  files.set(`${FOLDER}/tsconfig.json`, configuration(root))
  files.set(`${FOLDER}/none.ts`, 'export {}\n')
  for (const [file, text] of files) writeIfChanged(join(root, file), text)
  for (const file of filesBelow(root, FOLDER)) {
    if (file.endsWith('.ts') && !files.has(file)) rmSync(join(root, file))
  }
  return [...files.keys()]
}

/**
 * @param {string} root
 * @param {string} page
 * @returns {Map<string, string>} file name → text
 */
function filesOfPage(root, page) {
  const files = new Map()
  const text = readFileSync(join(root, page), 'utf8')
  const prose = page.endsWith('.md') ? text : docComments(text)
  for (const chain of chainsOf(fencesOf(prose))) {
    const [first] = chain
    if (first === undefined) continue
    const runs = chain.every(fence => fence.runs)
    const name = `${page.replace(/\.\w+$/, '')}.${first.line}${runs ? '.test' : ''}.ts`
    files.set(`${FOLDER}/${name}`, testFile(`${page}:${first.line}`, chain))
  }
  return files
}

/**
 * The text of the doc comments of a source file, each line where it stands.
 *
 * @param {string} source
 */
function docComments(source) {
  return source
    .split('\n')
    .map(line => /^\s*\* ?(?!\/)(.*)$/.exec(line)?.[1] ?? '')
    .join('\n')
}

/**
 * A fence and those that continue it.
 *
 * @param {readonly import('./fences.mjs').Fence[]} fences
 */
function chainsOf(fences) {
  /** @type {import('./fences.mjs').Fence[][]} */
  const chains = []
  for (const fence of fences) {
    const last = chains.at(-1)
    if (fence.continues && last !== undefined) last.push(fence)
    else chains.push([fence])
  }
  return chains
}

/**
 * @param {string} title
 * @param {readonly import('./fences.mjs').Fence[]} chain
 */
export function testFile(title, chain) {
  const code = placed(title, chain).join('\n')
  if (/^import .*from 'vitest'/m.test(code)) return `${code}\n`
  const imports = [...new Set([...code.matchAll(IMPORT)].map(found => onOneLine(found[0])))]
  const body = code.replace(IMPORT, blankLines).replace(EXPORT, '').split('\n')
  const opening = (chain[0]?.line ?? 2) - 2
  const vitest = `import { expect as __expect, test as __test } from 'vitest'`
  body[0] = `${[vitest, ...imports].join('; ')}; ${body[0] ?? ''}`
  body[opening] += `__test('${title}', async () => {`
  return `${body.join('\n')}\n})\n`
}

/**
 * The fences' code on the lines that it has on the page.
 *
 * @param {string} title
 * @param {readonly import('./fences.mjs').Fence[]} chain
 */
function placed(title, chain) {
  /** @type {string[]} */
  const lines = []
  for (const fence of chain) {
    while (lines.length < fence.line - 1) lines.push('')
    try {
      lines.push(...withAssertions(fence.lines))
    } catch (error) {
      throw new Error(`${title}: ${error instanceof Error ? error.message : error}`)
    }
  }
  return lines
}

/** @param {string} root */
function configuration(root) {
  const packages = ['core', 'kafka', 'rocksdb', 'cassandra', 'avro', 'arrow']
    .map(name => `packages/${name}`)
    .filter(path => existsSync(join(root, path)))
  const config = {
    extends: '../../tsconfig.test.base.json',
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      rootDir: '../..',
      tsBuildInfoFile: './types.tsbuildinfo',
    },
    include: ['**/*.ts'],
    references: packages.map(path => ({ path: `../../${path}` })),
  }
  return `${JSON.stringify(config, undefined, 2)}\n`
}

/** @param {string} root */
function pagesOf(root) {
  const readme = existsSync(join(root, 'README.md')) ? ['README.md'] : []
  const guide = filesBelow(root, 'docs').filter(file => file.endsWith('.md'))
  const sources = filesBelow(root, 'packages').filter(file => /\/src\/.*\.ts$/.test(file))
  return [...readme, ...guide, ...sources.filter(file => !/\.test(-d)?\.ts$/.test(file))]
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = `${folder}/${entry.name}`
    if (!entry.isDirectory()) return [path]
    return UNREAD.has(entry.name) ? [] : filesBelow(root, path)
  })
}

/**
 * @param {string} path
 * @param {string} text
 */
function writeIfChanged(path, text) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** @param {string} text */
function onOneLine(text) {
  return text.replace(/\s*\n\s*/g, ' ').replace(/;$/, '')
}

/** @param {string} text */
function blankLines(text) {
  return text.replace(/[^\n]/g, '')
}
