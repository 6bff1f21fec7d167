/**
 * The import table of core, and no import cycles anywhere.
 *
 * @typedef {object} Import
 * @property {string} target the imported file, relative to the root
 * @property {boolean} isType erased by the compiler
 * @property {number} line
 */
import { dirname, join } from 'node:path/posix'
import { CORE, FREE, NARROWER, ORDER } from './import-table.mjs'
import { isTest, lineAt } from './tree.mjs'

// import type { A } from './a.ts'   export * from './a.ts'   import './a.ts'   import('./a.ts')
const STATEMENT = /\b(?:import|export)\s+(type\s)?(?:[^'"`;()]*?\bfrom\s*)?['"](\.[^'"]+)['"]/g
const CALL = /\bimport\(()\s*['"](\.[^'"]+)['"]/g

/**
 * The relative imports of a file.
 *
 * @param {import('./tree.mjs').Tree} tree
 * @param {string} file
 * @returns {Import[]}
 */
function importsOf(tree, file) {
  const { code } = tree.scan(file)
  return [...code.matchAll(STATEMENT), ...code.matchAll(CALL)].map(found => ({
    target: join(dirname(file), found[2] ?? ''),
    isType: (found[1] ?? '') !== '',
    line: lineAt(code, found.index),
  }))
}

/** @type {import('./tree.mjs').Rule} */
export function importTable(tree) {
  const unknown = tree
    .entries(CORE)
    .map(partOf)
    .filter(part => !isKnown(part))
  const findings = unknown.map(part => ({
    file: `${CORE}/${part}`,
    text: `"${part}" is not in the import table; add it to scripts/tidy/import-table.mjs.`,
  }))
  const inCore = tree.sources.filter(file => file.startsWith(`${CORE}/`) && !isTest(file))
  return [...findings, ...inCore.flatMap(file => forbidden(tree, file))]
}

/**
 * @param {import('./tree.mjs').Tree} tree
 * @param {string} file
 */
function forbidden(tree, file) {
  const from = partOf(file.slice(CORE.length + 1))
  if (FREE.includes(from) || !isKnown(from)) return []
  return importsOf(tree, file).flatMap(({ target, isType, line }) => {
    if (!target.startsWith(`${CORE}/`)) return []
    const to = partOf(target.slice(CORE.length + 1))
    const reason = refusal(from, to, isType)
    return reason === undefined ? [] : [{ file, line, text: reason }]
  })
}

/**
 * Why `from` may not import `to`, or undefined when it may.
 *
 * @param {string} from
 * @param {string} to
 * @param {boolean} isType
 * @returns {string | undefined}
 */
function refusal(from, to, isType) {
  if (from === to) return undefined
  if (ORDER.indexOf(to) > ORDER.indexOf(from) || to === 'index') {
    return `"${from}" may not import "${to}", which stands after it; move what both need upwards.`
  }
  const { never = [], typesOnly = [] } = NARROWER[from] ?? {}
  if (never.includes(to)) {
    return `"${from}" never imports "${to}" (see import-table.mjs); pass in what it needs.`
  }
  if (typesOnly.includes(to) && !isType) {
    return `"${from}" may import only types from "${to}"; write "import type".`
  }
  return undefined
}

/** @param {string} part */
function isKnown(part) {
  return part === 'index' || ORDER.includes(part)
}

/** @param {string} path relative to the source folder of core */
function partOf(path) {
  return (path.split('/')[0] ?? '').replace(/(\.test(-d)?)?\.ts$/, '')
}

/** @type {import('./tree.mjs').Rule} */
export function importCycles(tree) {
  /** @type {Set<string>} */
  const done = new Set()
  /** @type {import('./tree.mjs').Finding[]} */
  const findings = []

  /**
   * @param {string} file
   * @param {readonly string[]} path
   */
  const visit = (file, path) => {
    if (path.includes(file)) {
      const cycle = [...path.slice(path.indexOf(file)), file].join(' → ')
      findings.push({ file, text: `import cycle ${cycle}; move what both need to a third file.` })
    }
    if (done.has(file)) return
    done.add(file)
    if (!tree.files.includes(file)) return
    for (const { target, isType } of importsOf(tree, file)) {
      if (!isType) visit(target, [...path, file])
    }
  }
  for (const file of tree.sources) visit(file, [])
  return findings
}
