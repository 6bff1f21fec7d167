import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the workspace. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * Runs a program with our own terminal and resolves with its exit code.
 * A program that a signal ended, or that is not there, counts as failed.
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<number>}
 */
export function run(program, args, { cwd = ROOT, env = process.env } = {}) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit', shell: isBatchFile(program) })
    child.on('error', error => {
      console.error(`Cannot run ${program}: ${error.message}`)
      resolve(127)
    })
    child.on('close', code => resolve(code ?? 1))
  })
}

/**
 * Runs a JavaScript file with this same Node.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options]
 */
export function runNode(file, args = [], options = {}) {
  return run(process.execPath, [file, ...args], options)
}

/**
 * The script behind a tool that the workspace has installed, so that it starts without a shell.
 *
 * @param {'biome' | 'changeset' | 'knip' | 'tsc' | 'vitest'} tool
 */
export function toolPath(tool) {
  const scripts = {
    biome: '@biomejs/biome/bin/biome',
    changeset: '@changesets/cli/bin.js',
    knip: 'knip/bin/knip.js',
    tsc: 'typescript/bin/tsc',
    vitest: 'vitest/vitest.mjs',
  }
  return `${ROOT}/node_modules/${scripts[tool]}`
}

/** @param {string} program On Windows npm's programs are batch files, which only a shell runs. */
function isBatchFile(program) {
  return process.platform === 'win32' && (program === 'npm' || program === 'npx')
}
