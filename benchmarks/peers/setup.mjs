/**
 * Sets up the systems Millrace is compared with: `node benchmarks/peers/setup.mjs`, or by itself at
 * the first `npm run bench -- pipelines --peers`.
 *
 * Everything goes into the user's cache folder, pinned, and is made again when a file it is made of
 * changes. Needs Java 17, Maven, Python 3 with venv, npm; nothing of it is part of `npm install` or
 * `npm test`.
 */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { cacheFolder, findTool } from '../../packages/kafka/native/host.mjs'
import { findJava } from '../../scripts/services/java.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const TIMEOUT_MS = 15 * 60_000

/** What is run in the copied folder of each peer. */
const STEPS = {
  'kafka-streams': [
    ['mvn', '-q', '-B', 'package', 'dependency:copy-dependencies', '-DoutputDirectory=target/lib'],
  ],
  quix: [
    ['python3', '-m', 'venv', 'venv'],
    ['venv/bin/pip', 'install', '--quiet', '-r', 'requirements.txt'],
  ],
  kafkats: [['npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts']],
}

/**
 * @param {(line: string) => void} [say]
 * @returns the paths that `Installed` of benchmarks/src/peers/systems.ts lists
 */
export async function setUpPeers(say = console.log) {
  const streams = await setUpKafkaStreams(say)
  const quix = await setUp('quix', say)
  const kafkats = await setUp('kafkats', say)
  return {
    ...streams,
    python: join(quix, 'venv/bin/python'),
    quixProgram: join(quix, 'main.py'),
    kafkatsProgram: join(kafkats, 'main.mjs'),
  }
}

/**
 * Kafka Streams alone.
 * @param {(line: string) => void} [say]
 * @returns {Promise<{ java: string, kafkaStreamsClassPath: string }>}
 */
export async function setUpKafkaStreams(say = console.log) {
  const java = findJava(17)
  const folder = await setUp('kafka-streams', say)
  const classPath = `${join(folder, 'target/classes')}:${join(folder, 'target/lib/*')}`
  return { java, kafkaStreamsClassPath: classPath }
}

/**
 * Quix Streams alone, for its file sink.
 * @param {(line: string) => void} [say]
 * @returns {Promise<{ python: string, program: string }>}
 */
export async function setUpQuixFiles(say = console.log) {
  const quix = await setUp('quix', say)
  return { python: join(quix, 'venv/bin/python'), program: join(quix, 'files.py') }
}

/**
 * The folder where a peer is ready to run.
 * @param {keyof typeof STEPS} name @param {(line: string) => void} say
 */
async function setUp(name, say) {
  const cache = cacheFolder()
  if (!cache) throw new Error('no home folder: set HOME or XDG_CACHE_HOME')
  const source = join(HERE, name)
  const folder = join(cache, 'peers', `${name}-${hashOf(source)}`)
  if (existsSync(join(folder, 'ready'))) return folder
  say(`setting up ${name}, once`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  cpSync(source, folder, { recursive: true })
  for (const [program = '', ...args] of STEPS[name]) await run(program, args, folder)
  // Last, so that what was interrupted is begun again.
  mkdirSync(join(folder, 'ready.new'))
  renameSync(join(folder, 'ready.new'), join(folder, 'ready'))
  return folder
}

/** @param {string} program @param {readonly string[]} args @param {string} cwd */
async function run(program, args, cwd) {
  const path = program.includes('/') ? join(cwd, program) : findTool(program)
  if (!path) throw new Error(`${program} is needed to set up the peers, and is not on the PATH`)
  const options = { cwd, timeout: TIMEOUT_MS, maxBuffer: 1 << 26 }
  try {
    await promisify(execFile)(path, args, options)
  } catch (error) {
    const { message, stdout = '', stderr = '' } = /** @type {any} */ (error)
    throw new Error(`${message}\n${String(stdout).slice(-2_000)}${String(stderr).slice(-2_000)}`)
  }
}

/** @param {string} folder */
function hashOf(folder) {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort()
  for (const file of files) hash.update(file.slice(folder.length)).update(readFileSync(file))
  return hash.digest('hex').slice(0, 12)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await setUpPeers()
