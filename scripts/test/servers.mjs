import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** What the real servers of test/integration are fetched with and run on. */
const NEEDED = [
  { program: 'java', reason: 'Kafka and Cassandra run on it', folder: 'JAVA_HOME' },
  { program: 'mvn', reason: 'it fetches the servers', folder: 'MAVEN_HOME' },
]

/**
 * The programs that the real servers need and this machine lacks, each as one readable line.
 *
 * @param {NodeJS.ProcessEnv} env
 * @returns {string[]}
 */
export function missingForServers(env) {
  return NEEDED.filter(({ program, folder }) => !isInstalled(program, env[folder], env)).map(
    ({ program, reason }) => `${program} is not on the PATH (${reason})`,
  )
}

/**
 * @param {string} program
 * @param {string | undefined} home
 * @param {NodeJS.ProcessEnv} env
 */
function isInstalled(program, home, env) {
  const folders = (env.PATH ?? '').split(delimiter)
  if (home !== undefined) folders.push(join(home, 'bin'))
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program]
  return folders.some(folder => names.some(name => existsSync(join(folder, name))))
}
