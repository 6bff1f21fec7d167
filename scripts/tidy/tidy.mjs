import { bannedSyntax, columns, fileNames, fileSizes, headers, todos } from './files.mjs'
import { importCycles, importTable } from './imports.mjs'
import { deadLinks } from './markdown.mjs'
import { architecture, errorPage, exampleReadmes } from './pages.mjs'
import { machinePlaces } from './places.mjs'
import { projectReferences } from './references.mjs'
import { testsBeside } from './tests-beside.mjs'
import { Tree } from './tree.mjs'

/** @type {readonly import('./tree.mjs').Rule[]} */
const RULES = [
  importTable,
  importCycles,
  fileNames,
  fileSizes,
  columns,
  headers,
  bannedSyntax,
  todos,
  tree => testsBeside(tree),
  projectReferences,
  architecture,
  errorPage,
  exampleReadmes,
  deadLinks,
  machinePlaces,
]

/**
 * Everything that breaks a rule of the layout in a folder, in the order of the files.
 *
 * @param {string} root
 * @returns {import('./tree.mjs').Finding[]}
 */
export function tidy(root) {
  const tree = new Tree(root)
  const findings = RULES.flatMap(rule => rule(tree))
  return findings.sort((a, b) => compare(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0))
}

/**
 * @param {string} a
 * @param {string} b
 */
function compare(a, b) {
  if (a === b) return 0
  return a < b ? -1 : 1
}
