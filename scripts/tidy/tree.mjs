/**
 * The files that tidy looks at: what git tracks or would track, read once.
 *
 * @typedef {object} Finding
 * @property {string} file relative to the root
 * @property {number} [line]
 * @property {string} text what is wrong and what to do
 *
 * @typedef {(tree: Tree) => Finding[]} Rule
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { scan } from './scan.mjs'

const UNTRACKED = new Set(['node_modules', 'dist', '.git', '.generated', '.services'])
const SOURCE = /\.(ts|mts|mjs|js)$/
const TEXT = /\.(ts|mts|mjs|js|json|jsonc|md|ya?ml|txt|sh|html|css|npmrc|toml)$|(^|\/)[^./]+$/

export class Tree {
  /** @param {string} root */
  constructor(root) {
    this.root = root
    this.files = filesOf(root)
    /** @type {Map<string, string>} */
    this.texts = new Map()
    /** @type {Map<string, import('./scan.mjs').Scan>} */
    this.scans = new Map()
  }

  /** Files with code, ours and not generated. */
  get sources() {
    return this.files.filter(file => SOURCE.test(file))
  }

  /** Files whose text is for people. */
  get texted() {
    return this.files.filter(file => TEXT.test(file))
  }

  /** @param {string} file */
  has(file) {
    return existsSync(join(this.root, file))
  }

  /** @param {string} file */
  read(file) {
    const text = this.texts.get(file) ?? readFileSync(join(this.root, file), 'utf8')
    this.texts.set(file, text)
    return text
  }

  /** @param {string} file */
  scan(file) {
    const scanned = this.scans.get(file) ?? scan(this.read(file))
    this.scans.set(file, scanned)
    return scanned
  }

  /**
   * The folders and files directly in a folder, by the names that its files' paths give.
   *
   * @param {string} folder
   */
  entries(folder) {
    const inside = this.files.filter(file => file.startsWith(`${folder}/`))
    return [...new Set(inside.map(file => file.slice(folder.length + 1).split('/')[0] ?? ''))]
  }
}

/** @param {string} file */
export function isTest(file) {
  return /\.(test|test-d|bench)\.m?[tj]s$/.test(file) || file.startsWith('test/')
}

/**
 * @param {string} text
 * @param {number} index
 */
export function lineAt(text, index) {
  return text.slice(0, index).split('\n').length
}

/** @param {string} root */
function filesOf(root) {
  const listed = existsSync(join(root, '.git')) ? trackedFiles(root) : walk(root, '')
  return listed.filter(file => isFile(join(root, file))).sort()
}

/** @param {string} root */
function trackedFiles(root) {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const out = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
  return [...new Set(out.split('\0').filter(file => file !== ''))]
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {string[]}
 */
function walk(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    if (UNTRACKED.has(entry.name)) return []
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    return entry.isDirectory() ? walk(root, path) : [path]
  })
}

/** @param {string} path */
function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}
