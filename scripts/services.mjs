// npm run services -- up kafka | cassandra [--port N] [--nodes N] | down [NAME] | status
//
// Real servers for tests and for trying things out. Each is one file in services/, listed below.

import { parseArgs } from 'node:util'
import { cassandra, startCassandra } from './services/cassandra.mjs'
import { kafka } from './services/kafka.mjs'
import { registry } from './services/registry.mjs'
import { endServer, startServer } from './services/server.mjs'
import { ServiceError } from './services/service-error.mjs'
import { readStarted, writeStarted } from './services/started.mjs'

const SERVICES = { kafka, cassandra, registry }

const USAGE = `Usage: npm run services -- up NAME [--port N]   start a server; it stays until down
       npm run services -- up cassandra --nodes N
                                               so many nodes that are one cluster
       npm run services -- down [NAME]         end the servers started here (or that one)
       npm run services -- status              say which run, and where

NAME is one of: ${Object.keys(SERVICES).join(', ')}`

/**
 * @typedef {{ port: number | undefined, nodes: number }} UpOptions
 * @type {Record<string, (name: string | undefined, options: UpOptions) => Promise<void>>}
 */
const COMMANDS = { up, down, status }

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, nodes: { type: 'string', default: '1' } },
  })
  const [command = '', name, ...rest] = positionals
  const perform = COMMANDS[command]
  if (!perform || rest.length > 0) throw new ServiceError(USAGE)
  await perform(name, { port: toPort(values.port), nodes: toNodes(values.nodes, name) })
} catch (thrown) {
  const error = /** @type {Error & { code?: string }} */ (thrown)
  const isOurs = error instanceof ServiceError || error?.code?.startsWith('ERR_PARSE_ARGS')
  console.error(isOurs ? error.message : error)
  process.exitCode = 1
}

/** @param {string | undefined} name @param {UpOptions} options */
async function up(name, { port, nodes }) {
  const service = SERVICES[checkName(name)]
  const running = readStarted()[service.name]
  if (running && port !== undefined && !new RegExp(`:${port}\\b`).test(endpointsOf(running))) {
    throw new ServiceError(
      `${service.title} runs already, at ${endpointsOf(running)}: ` +
        `npm run services -- down ${service.name}`,
    )
  }
  if (running) {
    console.log(`${service.title} runs already: ${endpointsOf(running)}`)
    return
  }
  const where = port === undefined ? {} : { port }
  const say = (/** @type {string} */ line) => console.log(line)
  const servers =
    service === cassandra
      ? (await startCassandra({ ...where, nodes, say, lifetimeMs: undefined })).nodes
      : [await startServer(service, where, { say })]
  for (const [index, { stop: _, kill: __, restart: ___, ...server }] of servers.entries()) {
    writeStarted({ ...readStarted(), [nameOf(service.name, index)]: server })
  }
  console.log(`${service.title} is ready: ${servers.map(endpointsOf).join(' ')}`)
}

/** @param {string | undefined} name */
async function down(name) {
  const only = name === undefined ? undefined : checkName(name)
  for (const [other, server] of Object.entries(readStarted())) {
    if (only !== undefined && other.split('.')[0] !== only) continue
    await endServer(server)
    const { [other]: _, ...rest } = readStarted()
    writeStarted(rest)
    console.log(`${other} is down`)
  }
}

async function status() {
  const started = readStarted()
  const names = new Set([...Object.keys(SERVICES), ...Object.keys(started)].sort())
  for (const name of names) {
    const server = started[name]
    console.log(`${name}: ${server ? `${endpointsOf(server)} (pid ${server.pid})` : 'not running'}`)
  }
}

/** @param {import('./services/server.mjs').Server} server */
function endpointsOf({ endpoints }) {
  return Object.values(endpoints).join(' ')
}

/** @param {string | undefined} name @returns {keyof typeof SERVICES} */
function checkName(name) {
  if (name !== undefined && Object.hasOwn(SERVICES, name)) {
    return /** @type {keyof typeof SERVICES} */ (name)
  }
  throw new ServiceError(`${name ? `There is no service ${name}.\n` : ''}${USAGE}`)
}

/**
 * Of the nodes of a service: `cassandra`, `cassandra.2`.
 * @param {string} name @param {number} index
 */
function nameOf(name, index) {
  return index === 0 ? name : `${name}.${index + 1}`
}

/** @param {string} text @param {string | undefined} name */
function toNodes(text, name) {
  const nodes = Number(text)
  if (nodes === 1 || (name === 'cassandra' && nodes >= 1 && nodes <= 9)) return nodes
  throw new ServiceError(`--nodes takes a number from 1 to 9, for cassandra only; not ${text}`)
}

/** @param {string | undefined} text */
function toPort(text) {
  if (text === undefined) return undefined
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new ServiceError(`--port takes a number from 1 to 65535, not ${text}`)
}
