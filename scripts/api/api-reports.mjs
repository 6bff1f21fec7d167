/**
 * What each published package offers, as text that is kept beside it: every exported declaration
 * with its signature, so that a change of the interface is seen in the review of a commit.
 *
 * API Extractor reads the declarations in `dist`, which must be built, with a TypeScript of its
 * own: the one of the workspace has no interface that it could use. All packages are one program
 * there, as most of the time goes into reading the library's declarations.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import {
  CompilerState,
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
} from '@microsoft/api-extractor'
import { entriesOf } from './entries.mjs'

/**
 * @typedef {import('./entries.mjs').Entry} Entry
 *
 * @typedef {object} Change
 * @property {string} report relative to the root
 * @property {string} difference between the report that is kept and the one of now
 */

const LINES_SHOWN_MAX = 60
const QUIET = { default: { logLevel: ExtractorLogLevel.None } }
const COMPILER_OPTIONS = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  strict: true,
  skipLibCheck: true,
  types: ['node'],
}

/**
 * @param {string} root
 * @param {{ writes: boolean }} options
 * @returns {Change[]} the reports that are not what the package offers; after `writes` they are
 */
export function apiReports(root, { writes }) {
  const entries = entriesOf(root)
  const work = mkdtempSync(join(tmpdir(), 'millrace-api-'))
  try {
    const configs = entries.map(entry => configOf(entry, entries, work))
    const [first] = configs
    if (first === undefined) return []
    const files = entries.map(({ types }) => types)
    const compilerState = CompilerState.create(first, { additionalEntryPoints: files })
    return configs.flatMap(config => changeOf(root, config, { compilerState, writes }))
  } finally {
    rmSync(work, { recursive: true })
  }
}

/**
 * @param {Entry} entry
 * @param {readonly Entry[]} entries
 * @param {string} work
 */
function configOf({ folder, name, types }, entries, work) {
  if (!existsSync(types)) throw new Error(`${types} is missing: npm run build`)
  const reportFolder = join(folder, 'api')
  mkdirSync(reportFolder, { recursive: true })
  return ExtractorConfig.prepare({
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: types,
      compiler: {
        overrideTsconfig: {
          compilerOptions: COMPILER_OPTIONS,
          files: entries.map(each => each.types),
        },
      },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder,
        reportTempFolder: join(work, basename(folder)),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: { extractorMessageReporting: QUIET, tsdocMessageReporting: QUIET },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(folder, 'package.json'),
  })
}

/**
 * @param {string} root
 * @param {ExtractorConfig} config
 * @param {{ compilerState: CompilerState, writes: boolean }} options
 * @returns {Change[]}
 */
function changeOf(root, config, { compilerState, writes }) {
  /** @type {string[]} */
  const errors = []
  const result = Extractor.invoke(config, {
    compilerState,
    localBuild: writes,
    messageCallback(message) {
      if (message.category === 'Compiler') errors.push(message.text)
      message.handled = true
    },
  })
  if (errors.length > 0) throw new Error(errors.join('\n'))
  if (!result.apiReportChanged) return []
  const report = relative(root, config.reportFilePath)
  if (writes) return [{ report, difference: '' }]
  const kept = existsSync(config.reportFilePath) ? readFileSync(config.reportFilePath, 'utf8') : ''
  const now = readFileSync(config.reportTempFilePath, 'utf8')
  return [{ report, difference: differenceOf(kept, now) }]
}

/**
 * The lines that only one of two texts has, those of the first marked with `-`.
 *
 * @param {string} before
 * @param {string} after
 */
function differenceOf(before, after) {
  const [old, current] = [before.split('\n'), after.split('\n')]
  const gone = old.filter(line => !current.includes(line)).map(line => `- ${line}`)
  const come = current.filter(line => !old.includes(line)).map(line => `+ ${line}`)
  return [...gone, ...come].slice(0, LINES_SHOWN_MAX).join('\n')
}
