// Apache Kafka on this machine: one KRaft node from Maven's jars, or several, data in a temporary
// folder, on the loopback interface only.
//
// Differences from a production broker are for speed (short group sessions, few internal
// partitions) and for reproducible tests (no topic appears by itself, nothing is deleted by age:
// retention goes by record timestamp, and test data is dated in the past).

import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findJava, installJars, runJava } from './java.mjs'
import { kafkaAnswers } from './kafka-metadata.mjs'
import { freePorts } from './ports.mjs'
import { startServer } from './server.mjs'

const VERSION = '4.1.0'
const ARTIFACTS = [
  `org.apache.kafka:kafka_2.13:${VERSION}`,
  `org.apache.kafka:kafka-tools:${VERSION}`,
  'org.slf4j:slf4j-simple:1.7.36',
]

/**
 * @typedef {object} KafkaOptions
 * @property {number} [port] default: a free one
 * @property {Record<string, string | number>} [settings] of the broker, over the ones below
 * @property {string} [heap] default 1g
 * @property {ClusterNode} [node] default: one that is its own cluster
 *
 * @typedef {object} ClusterNode
 * @property {number} id that of the controller is 1
 * @property {string} clusterId
 * @property {number} controllerPort
 */

/** @type {import('./server.mjs').Service<KafkaOptions>} */
export const kafka = {
  name: 'kafka',
  title: `Apache Kafka ${VERSION}`,
  async prepare({ port, settings = {}, heap = '1g', node }, { folder, say }) {
    const java = findJava(17)
    const jars = await installJars(`kafka-${VERSION}`, ARTIFACTS, say)
    const ports = await freePorts(2, port)
    const [clientPort, freePort] = /** @type {[number, number]} */ (ports)
    const { id, clusterId, controllerPort } = node ?? newCluster(freePort)
    const bootstrap = `127.0.0.1:${clientPort}`
    const file = join(folder, 'server.properties')
    const properties = {
      ...brokerSettings(folder, bootstrap, controllerPort),
      ...(id === 1 ? {} : followerSettings(id, bootstrap)),
      ...settings,
    }
    writeFileSync(file, toProperties(properties))
    const classPath = join(jars, '*')
    await runJava(java, classPath, 'kafka.tools.StorageTool', [
      'format',
      '-t',
      clusterId,
      '-c',
      file,
    ])
    return {
      program: java,
      args: [
        `-Xmx${heap}`,
        '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
        '-cp',
        classPath,
        'kafka.Kafka',
        file,
      ],
      endpoints: { bootstrap },
      isReady: () => kafkaAnswers('127.0.0.1', clientPort),
    }
  },
}

/**
 * Starts a broker of one's own. It ends with `stop()`, with this process, however that ends, or
 * after its lifetime, whichever comes first.
 * @param {KafkaOptions & { lifetimeMs?: number, say?: (line: string) => void }} [options]
 * @returns {Promise<{ bootstrap: string, pid: number, logFile: string, stop: () => Promise<void>,
 * restart: () => Promise<void> }>} `pid` is that of the first start
 */
export async function startKafka({ lifetimeMs = 30 * 60_000, say, ...options } = {}) {
  const how = say === undefined ? { lifetimeMs } : { lifetimeMs, say }
  const { pid, logFile, stop, restart, endpoints } = await startServer(kafka, options, how)
  return { bootstrap: endpoints.bootstrap ?? '', pid, logFile, stop, restart }
}

/**
 * Starts brokers that are one cluster; the first is its controller too. What is kept by all of them
 * is acknowledged by two.
 * @param {number} count
 * @param {{ lifetimeMs?: number, say?: (line: string) => void }} [options]
 */
export async function startKafkaCluster(count, options = {}) {
  const [controllerPort = 0] = await freePorts(1)
  const { clusterId } = newCluster(controllerPort)
  const settings = {
    'default.replication.factor': count,
    'min.insync.replicas': Math.min(2, count),
    'offsets.topic.replication.factor': count,
    'transaction.state.log.replication.factor': count,
    'broker.session.timeout.ms': 4_000,
    'broker.heartbeat.interval.ms': 500,
    'log.cleaner.backoff.ms': 200,
  }
  /** @type {Awaited<ReturnType<typeof startKafka>>[]} */
  const brokers = []
  try {
    for (let id = 1; id <= count; id++) {
      const node = { id, clusterId, controllerPort }
      brokers.push(await startKafka({ ...options, settings, heap: '400m', node }))
    }
  } catch (error) {
    for (const broker of brokers) await broker.stop()
    throw error
  }
  return {
    bootstrap: brokers.map(({ bootstrap }) => bootstrap).join(','),
    brokers,
    /**
     * Makes a broker lead each partition of a topic that is kept by all.
     * @param {string} topic @param {number} partitionCount @param {number} leader
     */
    moveLeaders: (topic, partitionCount, leader) =>
      moveLeaders(
        brokers[0]?.bootstrap ?? '',
        Array.from({ length: partitionCount }, (_, partition) => ({
          topic,
          partition,
          replicas: brokers.map((_, i) => ((leader - 1 + i) % count) + 1),
        })),
      ),
    stop: async () => {
      // The controller last: the others tell it that they leave.
      for (const broker of brokers.toReversed()) await broker.stop()
    },
  }
}

/**
 * Names replicas in another order, then lets the first of each lead.
 * @param {string} bootstrap @param {readonly object[]} partitions
 */
async function moveLeaders(bootstrap, partitions) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-moves-'))
  const file = join(folder, 'moves.json')
  const at = ['--bootstrap-server', bootstrap]
  try {
    writeFileSync(file, JSON.stringify({ version: 1, partitions }))
    const reassign = 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand'
    await runKafkaProgram(reassign, [...at, '--reassignment-json-file', file, '--execute'])
    const election = ['--election-type', 'preferred', '--path-to-json-file', file]
    // A replica that has just come back is not in sync at once.
    for (let again = 10; ; again--) {
      try {
        await runKafkaProgram('org.apache.kafka.tools.LeaderElectionCommand', [...at, ...election])
        return
      } catch (error) {
        if (again === 0) throw error
        await new Promise(resolve => setTimeout(resolve, 500))
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {number} controllerPort @returns {ClusterNode} */
function newCluster(controllerPort) {
  // A cluster id must not begin with a dash: the tool would take it for an option.
  const clusterId = `k${randomBytes(16).toString('base64url').slice(1)}`
  return { id: 1, clusterId, controllerPort }
}

/** @param {number} id @param {string} bootstrap */
function followerSettings(id, bootstrap) {
  return { 'process.roles': 'broker', 'node.id': id, listeners: `PLAINTEXT://${bootstrap}` }
}

/**
 * Runs one of Kafka's own programs, and gives what it wrote.
 * @param {string} name of its class @param {readonly string[]} args
 */
export async function runKafkaProgram(name, args) {
  const jars = await installJars(`kafka-${VERSION}`, ARTIFACTS, () => {})
  return runJava(findJava(17), join(jars, '*'), name, args)
}

/** @param {string} folder @param {string} bootstrap @param {number} controllerPort */
function brokerSettings(folder, bootstrap, controllerPort) {
  return {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://${bootstrap},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${bootstrap}`,
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'auto.create.topics.enable': false,
    'log.retention.ms': -1,
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 4,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 4,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
    'group.min.session.timeout.ms': 1000,
    'group.consumer.min.session.timeout.ms': 1000,
    'group.consumer.session.timeout.ms': 6000,
    'group.consumer.min.heartbeat.interval.ms': 200,
    'group.consumer.heartbeat.interval.ms': 500,
  }
}

/** @param {Record<string, string | number | boolean>} properties */
function toProperties(properties) {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
