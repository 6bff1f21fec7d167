// Java programs from Maven's jars: finds a JDK, fetches the jars of a service once into the user's
// cache folder, runs a class to its end. The services beside this file are built on it. Jars appear
// under their final name only when all have come, so an interrupted fetch is begun again.

import { execFile, execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, findTool } from '../../packages/kafka/native/host.mjs'
import { ServiceError } from './service-error.mjs'

const MAVEN_TIMEOUT_MS = 10 * 60_000
const MAVEN_PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1'

/** Folder for what services keep between runs. */
export function servicesFolder() {
  const cache = cacheFolder()
  if (!cache) throw new ServiceError('no home folder: set HOME or XDG_CACHE_HOME')
  const folder = join(cache, 'services')
  mkdirSync(folder, { recursive: true })
  return folder
}

/**
 * The first Java of at least this version: JAVA_HOME, the PATH, then the usual folder. @param
 * {number} version
 */
export function findJava(version) {
  const roots = '/usr/lib/jvm'
  const others = existsSync(roots) ? readdirSync(roots).sort() : []
  const candidates = [
    process.env.JAVA_HOME && join(process.env.JAVA_HOME, 'bin/java'),
    findTool('java'),
    ...others.map(name => join(roots, name, 'bin/java')),
  ]
  for (const path of candidates) {
    if (path && existsSync(path) && javaVersion(path) >= version) return path
  }
  throw new ServiceError(
    `Java ${version} or newer is needed; it is neither in JAVA_HOME nor on the PATH nor in ` +
      `${roots}; install it (Debian: openjdk-17-jre-headless has 17)`,
  )
}

/** @param {string} java */
function javaVersion(java) {
  try {
    return Number(
      /^\S+ (\d+)/.exec(execFileSync(java, ['--version'], { encoding: 'utf8' }))?.[1] ?? 0,
    )
  } catch {
    return 0
  }
}

/**
 * The folder with the jars of these artifacts and of all they need.
 * @param {string} name of the folder @param {readonly string[]} artifacts group:name:version
 * @param {(line: string) => void} say
 */
export function installJars(name, artifacts, say) {
  return installOnce(name, 'jars', say, async (maven, work) => {
    writeFileSync(join(work, 'pom.xml'), pomOf(artifacts))
    const args = ['-q', '-B', `${MAVEN_PLUGIN}:copy-dependencies`, '-DoutputDirectory=jars']
    await run(maven, args, work)
  })
}

/**
 * The folder in which an artifact that is an archive (`tar.gz`) is unpacked.
 * @param {string} name of the folder @param {string} artifact group:name:version:type:classifier
 * @param {(line: string) => void} say
 */
export function installArchive(name, artifact, say) {
  return installOnce(name, 'unpacked', say, async (maven, work) => {
    const copy = [`-Dartifact=${artifact}`, '-DoutputDirectory=archive']
    await run(maven, ['-q', '-B', `${MAVEN_PLUGIN}:copy`, ...copy], work)
    const [archive = ''] = readdirSync(join(work, 'archive'))
    mkdirSync(join(work, 'unpacked'))
    await promisify(execFile)('tar', ['-xzf', join('archive', archive), '-C', 'unpacked'], {
      cwd: work,
      timeout: MAVEN_TIMEOUT_MS,
    })
  })
}

/**
 * @param {string} name of the folder @param {string} part of it, there when all of it is
 * @param {(line: string) => void} say
 * @param {(maven: string, work: string) => Promise<void>} fetch makes the part in a folder
 */
async function installOnce(name, part, say, fetch) {
  const folder = join(servicesFolder(), name)
  const installed = join(folder, part)
  if (existsSync(installed)) return installed
  const maven = findTool('mvn')
  if (!maven) {
    throw new ServiceError('Maven is needed to fetch the jars; install it (Debian: maven)')
  }
  const work = mkdtempSync(join(servicesFolder(), `${name}.`))
  try {
    say(`fetching the jars of ${name} with Maven, once`)
    const alive = setInterval(() => say('still fetching'), 10_000)
    await fetch(maven, work).finally(() => clearInterval(alive))
    mkdirSync(folder, { recursive: true })
    renameSync(join(work, part), installed)
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(installed)) throw error
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return installed
}

/** @param {string} maven @param {string[]} args @param {string} cwd */
async function run(maven, args, cwd) {
  try {
    await promisify(execFile)(maven, args, { cwd, timeout: MAVEN_TIMEOUT_MS })
  } catch (error) {
    const { stdout = '', message } = /** @type {any} */ (error)
    const reason = stdout.split('\n').find((/** @type {string} */ line) => line.includes('ERROR'))
    throw new ServiceError(`Maven could not fetch the jars: ${reason ?? message}`, { cause: error })
  }
}

/** @param {readonly string[]} artifacts */
function pomOf(artifacts) {
  const dependencies = artifacts.map(artifact => {
    const [groupId, artifactId, version, type, classifier] = artifact.split(':')
    const fields = { groupId, artifactId, version, type, classifier }
    const tags = Object.entries(fields).filter(([, value]) => value)
    const parts = tags.map(([tag, value]) => `<${tag}>${value}</${tag}>`)
    return `<dependency>${parts.join('')}</dependency>`
  })
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>millrace</groupId><artifactId>services</artifactId><version>1</version>
  <dependencies>${dependencies.join('')}</dependencies>
</project>
`
}

/**
 * Runs a class to its end, and gives what it wrote.
 * @param {string} java @param {string} classPath @param {string} name @param {readonly string[]}
 * args
 */
export async function runJava(java, classPath, name, args) {
  try {
    const command = ['-cp', classPath, name, ...args]
    const limits = { timeout: 60_000, maxBuffer: 1 << 28 }
    return (await promisify(execFile)(java, command, limits)).stdout
  } catch (error) {
    const { stderr = '', message } = /** @type {any} */ (error)
    throw new ServiceError(`${name} failed: ${stderr || message}`, { cause: error })
  }
}
