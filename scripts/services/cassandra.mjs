// Apache Cassandra on this machine, from Maven's jars, data in a temporary folder, on the loopback
// interface only: one node, or several on 127.0.0.1, 127.0.0.2, … that are one cluster. All nodes
// listen at the same port, as the drivers of Cassandra want it.
//
// Differences from a production node are for speed: one token a node, no waiting for gossip where
// nobody else is, no snapshots, a small heap. Joiners take no data over (`auto_bootstrap`), so a
// cluster is empty when it starts. Data centre: `datacenter1`.

import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { untilAllUp } from './cassandra-ring.mjs'
import { findJava, installJars } from './java.mjs'
import { freePorts } from './ports.mjs'
import { startServer } from './server.mjs'

const VERSION = '5.0.4'
const ARTIFACTS = [`org.apache.cassandra:cassandra-all:${VERSION}`]
const NODES_MAX = 9
const ANSWER_TIMEOUT_MS = 1_000

/** Several on one machine: starting is most of what they do. */
const QUICK_START = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC']

/** What Cassandra's own jvm17-server.options say. */
const EXPORTS =
  'java.base/jdk.internal.misc java.management.rmi/com.sun.jmx.remote.internal.rmi ' +
  'java.rmi/sun.rmi.registry java.rmi/sun.rmi.server java.rmi/sun.rmi.transport.tcp ' +
  'java.sql/java.sql java.base/java.lang.ref jdk.unsupported/sun.misc ' +
  'jdk.internal.jvmstat/sun.jvmstat.monitor'
const OPENS =
  'java.base/java.lang.module java.base/jdk.internal.loader java.base/jdk.internal.ref ' +
  'java.base/jdk.internal.reflect java.base/jdk.internal.math java.base/jdk.internal.module ' +
  'java.base/jdk.internal.util.jar jdk.management/com.sun.management.internal ' +
  'java.base/sun.nio.ch java.base/java.io java.base/java.nio java.base/java.lang ' +
  'java.base/java.util java.base/java.util.concurrent java.base/java.util.concurrent.atomic ' +
  'java.base/java.net'

/**
 * Of cassandra.yaml.
 * @typedef {Record<string, string | number | boolean | undefined>} Settings
 *
 * @typedef {object} CassandraNodeOptions
 * @property {number} [port] of clients; default: a free one
 * @property {{ node: number, port: number, storagePort: number }} [place] of one node of several,
 *   from 1
 * @property {Settings} [settings] over the ones below; undefined takes one away
 * @property {string} [heap] default 1g
 */

/** One node. @type {import('./server.mjs').Service<CassandraNodeOptions>} */
export const cassandra = {
  name: 'cassandra',
  title: `Apache Cassandra ${VERSION}`,
  async prepare({ port, place, settings = {}, heap = '1g' }, { folder, say }) {
    const java = findJava(17)
    const jars = await installJars(`cassandra-${VERSION}`, ARTIFACTS, say)
    const { node, port: clientPort, storagePort } = place ?? (await alone(port))
    const address = addressOf(node)
    const isAlone = place === undefined
    const config = join(folder, 'cassandra.yaml')
    const yaml = { ...nodeSettings(folder, address, { clientPort, storagePort }), ...settings }
    writeFileSync(config, toYaml(yaml, isAlone, storagePort))
    writeFileSync(join(folder, 'logback.xml'), LOGBACK)
    return {
      program: java,
      args: [
        `-Xmx${heap}`,
        `-Xms${heap}`,
        ...EXPORTS.split(' ').flatMap(name => ['--add-exports', `${name}=ALL-UNNAMED`]),
        ...OPENS.split(' ').flatMap(name => ['--add-opens', `${name}=ALL-UNNAMED`]),
        `-javaagent:${join(jars, 'jamm-0.4.0.jar')}`,
        '-Djdk.attach.allowAttachSelf=true',
        `-Dlogback.configurationFile=${join(folder, 'logback.xml')}`,
        `-Dcassandra.config=file://${config}`,
        `-Dcassandra.storagedir=${folder}`,
        '-Dcassandra-foreground=yes',
        `-Dcassandra.ring_delay_ms=${isAlone ? 100 : 5_000}`,
        '-Dcassandra.superuser_setup_delay_ms=0',
        ...(isAlone
          ? ['-Dcassandra.skip_wait_for_gossip_to_settle=0']
          : ['-Dcassandra.consistent.rangemovement=false', ...QUICK_START]),
        '-cp',
        join(jars, '*'),
        'org.apache.cassandra.service.CassandraDaemon',
      ],
      endpoints: { contactPoint: `${address}:${clientPort}` },
      isReady: () => cassandraAnswers(address, clientPort),
    }
  },
}

/**
 * @typedef {object} CassandraCluster
 * @property {readonly string[]} contactPoints addresses without the port
 * @property {number} port the same for all nodes
 * @property {string} localDataCenter
 * @property {readonly (import('./server.mjs').Server & { stop: () => Promise<void>,
 *   kill: () => Promise<void>, restart: () => Promise<void> })[]} nodes
 * @property {() => Promise<void>} untilUp resolves when each node sees each other one
 * @property {() => Promise<void>} stop
 */

/**
 * Starts nodes of one's own, one after the other. They end with `stop()`, with this process,
 * however that ends, or after their lifetime, whichever comes first.
 * @param {{ nodes?: number, port?: number, heap?: string, lifetimeMs?: number | undefined,
 *   settings?: Settings, say?: (line: string) => void }} [options]
 * @returns {Promise<CassandraCluster>}
 */
export async function startCassandra(options = {}) {
  const { nodes: count = 1, port, say = () => {}, settings = {} } = options
  const lifetimeMs = 'lifetimeMs' in options ? options.lifetimeMs : 30 * 60_000
  const heap = options.heap ?? (count === 1 ? '1g' : '512m')
  if (!Number.isInteger(count) || count < 1 || count > NODES_MAX) {
    throw new RangeError(`a cluster has 1 to ${NODES_MAX} nodes, not ${count}`)
  }
  const how = lifetimeMs === undefined ? { say } : { lifetimeMs, say }
  const ports = await freePorts(2, port)
  const [clientPort, storagePort] = /** @type {[number, number]} */ (ports)
  /** @type {Awaited<ReturnType<typeof startServer>>[]} */
  const nodes = []
  const contactPoints = Array.from({ length: count }, (_, index) => addressOf(index + 1))
  const untilUp = () => untilAllUp(contactPoints, clientPort)
  const stop = async () => {
    await Promise.all(nodes.map(node => node.stop()))
  }
  try {
    for (let node = 1; node <= count; node++) {
      if (count > 1) say(`starting node ${node} of ${count}`)
      const place = { node, port: clientPort, storagePort }
      const only = count === 1 ? { port: clientPort } : { place }
      nodes.push(await startServer(cassandra, { ...only, heap, settings }, how))
    }
    if (count > 1) await untilUp()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    contactPoints,
    port: clientPort,
    localDataCenter: 'datacenter1',
    nodes,
    untilUp,
    stop,
  }
}

/** True when a server at this address answers as Cassandra does. */
function cassandraAnswers(
  /** @type {string} */ host,
  /** @type {number} */ port,
  timeoutMs = ANSWER_TIMEOUT_MS,
) {
  // A frame of protocol version 4: OPTIONS, answered by SUPPORTED without a login.
  const question = Buffer.from('040000000500000000', 'hex')
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout: timeoutMs })
    /** @param {boolean} answer */
    const end = answer => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => socket.write(question))
    socket.on('data', bytes => end(bytes[0] === 0x84 && bytes[4] === 0x06))
    for (const event of ['error', 'timeout', 'close']) socket.on(event, () => end(false))
  })
}

/** @param {number} node from 1 */
function addressOf(node) {
  return `127.0.0.${node}`
}

/** @param {number | undefined} port */
async function alone(port) {
  const ports = await freePorts(2, port)
  const [clientPort, storagePort] = /** @type {[number, number]} */ (ports)
  return { node: 1, port: clientPort, storagePort }
}

/**
 * @param {string} folder @param {string} address
 * @param {{ clientPort: number, storagePort: number }} ports
 */
function nodeSettings(folder, address, { clientPort, storagePort }) {
  return {
    cluster_name: 'millrace',
    num_tokens: 1,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    endpoint_snitch: 'SimpleSnitch',
    listen_address: address,
    rpc_address: address,
    storage_port: storagePort,
    native_transport_port: clientPort,
    commitlog_sync: 'periodic',
    commitlog_sync_period: '10000ms',
    commitlog_directory: join(folder, 'commitlog'),
    saved_caches_directory: join(folder, 'saved_caches'),
    hints_directory: join(folder, 'hints'),
    cdc_raw_directory: join(folder, 'cdc_raw'),
    auto_snapshot: false,
  }
}

/**
 * JSON is YAML.
 * @param {Settings} settings @param {boolean} isAlone
 * @param {number} storagePort
 */
function toYaml(settings, isAlone, storagePort) {
  const seeds = `${addressOf(1)}:${storagePort}`
  const yaml = {
    ...settings,
    data_file_directories: [settings.commitlog_directory?.toString().replace(/commitlog$/, 'data')],
    seed_provider: [
      {
        class_name: 'org.apache.cassandra.locator.SimpleSeedProvider',
        parameters: [{ seeds }],
      },
    ],
    ...(isAlone ? {} : { auto_bootstrap: false }),
  }
  return JSON.stringify(yaml, null, 2)
}

const LOGBACK = `<configuration>
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%-5level %date{ISO8601} %msg%n</pattern></encoder>
  </appender>
  <root level="WARN"><appender-ref ref="OUT"/></root>
</configuration>
`
