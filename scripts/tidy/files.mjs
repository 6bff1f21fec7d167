/**
 * Rules for one file at a time: its name, its size, its header, and what the language has but we
 * don't use. A line of code is one that is not blank once comments are gone.
 */
import { codeLines } from './scan.mjs'
import { isTest, lineAt } from './tree.mjs'

const CODE_LINES_MAX = 300
const TEST_LINES_MAX = 600
const COLUMNS_MAX = 100
/** Tests quote plans, messages and tables whole. */
const TEST_COLUMNS_MAX = 160
const HEADER_FROM_LINES = 60
const HEADER_LINES_MIN = 3

const VAGUE_NAME = /^(utils?|helpers?|types|common|misc)\.[a-z]+$/
const KEBAB_NAME = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9-]+)*$/
const IS_CONFIG = /\.config\.ts$/

/** @type {readonly [pattern: RegExp, text: string][]} */
const BANNED = [
  [/^\s*export default\b/gm, 'default export; export it by name.'],
  [/^\s*(export )?(declare )?(const )?enum \w/gm, 'enum; use an `as const` object or a union.'],
  [/^\s*(export )?(declare )?(namespace|module) \w+/gm, 'namespace; use a module.'],
]

/** @type {import('./tree.mjs').Rule} */
export function fileNames(tree) {
  return tree.sources.flatMap(file => {
    const name = file.slice(file.lastIndexOf('/') + 1)
    if (VAGUE_NAME.test(name)) {
      return [{ file, text: 'says nothing; name the file after the one thing it exports.' }]
    }
    return KEBAB_NAME.test(name) ? [] : [{ file, text: 'file names are kebab-case.' }]
  })
}

/** @type {import('./tree.mjs').Rule} */
export function fileSizes(tree) {
  return tree.sources.flatMap(file => {
    const lines = codeLines(tree.scan(file))
    const most = isTest(file) ? TEST_LINES_MAX : CODE_LINES_MAX
    if (lines <= most) return []
    return [{ file, text: `${lines} lines of code, ${most} at most; split it by what it does.` }]
  })
}

/** @type {import('./tree.mjs').Rule} */
export function columns(tree) {
  return tree.sources.flatMap(file => {
    const most = isTest(file) ? TEST_COLUMNS_MAX : COLUMNS_MAX
    const lines = tree.read(file).split('\n')
    return lines.flatMap((text, i) => {
      if (text.length <= most || /https?:\/\//.test(text)) return []
      const size = `${text.length} columns, ${most} at most`
      return [{ file, line: i + 1, text: `${size}; break the line.` }]
    })
  })
}

/** @type {import('./tree.mjs').Rule} */
export function headers(tree) {
  return tree.sources.flatMap(file => {
    const lines = codeLines(tree.scan(file))
    if (isTest(file) || lines <= HEADER_FROM_LINES || hasHeader(tree.read(file))) return []
    const advice = 'open with what it is, where it stands, what always holds'
    return [{ file, text: `${lines} lines of code and no header; ${advice}.` }]
  })
}

/** @param {string} text */
function hasHeader(text) {
  const opening = text.replace(/^#!.*\n/, '').match(/^\s*(\/\*[\s\S]*?\*\/|(?:\/\/.*\n)+)/)
  return (opening?.[0] ?? '').trim().split('\n').length >= HEADER_LINES_MIN
}

/** @type {import('./tree.mjs').Rule} */
export function bannedSyntax(tree) {
  return tree.sources.flatMap(file => {
    const { bare } = tree.scan(file)
    return BANNED.flatMap(([pattern, text]) => {
      if (IS_CONFIG.test(file) && text.startsWith('default export')) return []
      return [...bare.matchAll(pattern)].map(found => {
        const line = lineAt(bare, found.index + found[0].search(/\S/))
        return { file, line, text }
      })
    })
  })
}

/** @type {import('./tree.mjs').Rule} */
export function todos(tree) {
  return tree.sources.flatMap(file => {
    const lines = tree.scan(file).comments.split('\n')
    return lines.flatMap((text, i) => {
      if (!/\bTODO\b/.test(text) || /#\d+/.test(text)) return []
      return [{ file, line: i + 1, text: 'TODO without an issue number; write TODO(#12).' }]
    })
  })
}
