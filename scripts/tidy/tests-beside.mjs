import { codeLines } from './scan.mjs'
import { isTest } from './tree.mjs'
import { UNTESTED } from './untested.mjs'

const LIST = 'scripts/tidy/untested.mjs'
const OR_LIST_IT = `or say why not in ${LIST}`

/** Shorter files, and files with only types or re-exports, need no test of their own. */
const TRIVIAL_LINES = 12
const HAS_VALUE = /^\s*(export\s+)?(abstract\s+)?(async\s+)?(const|let|var|function\*?|class)\s/m
const IN_PACKAGES = /^packages\/(core|kafka|rocksdb|cassandra|avro|arrow|verify)\/src\/.+\.ts$/

/**
 * Every source file of these packages with something to run has its test beside it.
 *
 * @param {import('./tree.mjs').Tree} tree
 * @param {Readonly<Record<string, string>>} [untested]
 */
export function testsBeside(tree, untested = UNTESTED) {
  // The list is about the tree it stands in.
  const listed = untested !== UNTESTED || tree.has(LIST) ? Object.keys(untested) : []
  const stale = listed
    .filter(name => !tree.has(name))
    .map(file => ({ file, text: `is not there; take it out of ${LIST}.` }))
  const bare = tree.sources
    .filter(file => IN_PACKAGES.test(file) && !isTest(file))
    .filter(file => !tree.has(file.replace(/\.ts$/, '.test.ts')))
    .filter(file => !isListed(file, untested) && isWorthATest(tree, file))
    .map(file => ({ file, text: `has no test; write ${testName(file)} beside it, ${OR_LIST_IT}.` }))
  return [...stale, ...bare]
}

/**
 * @param {string} file
 * @param {Readonly<Record<string, string>>} untested
 */
function isListed(file, untested) {
  return Object.keys(untested).some(
    name => name === file || (name.endsWith('/') && file.startsWith(name)),
  )
}

/**
 * @param {import('./tree.mjs').Tree} tree
 * @param {string} file
 */
function isWorthATest(tree, file) {
  const scanned = tree.scan(file)
  return codeLines(scanned) > TRIVIAL_LINES && HAS_VALUE.test(scanned.bare)
}

/** @param {string} file */
function testName(file) {
  return file.slice(file.lastIndexOf('/') + 1).replace(/\.ts$/, '.test.ts')
}
