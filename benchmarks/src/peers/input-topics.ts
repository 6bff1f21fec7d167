/**
 * The inputs: topics of JSON records of 134 bytes, or of the same records as Avro, written by
 * peers/Produce.java, made longer when a system needs more. Record number i is always the same, and
 * at offset i.
 */
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { grouped } from '../figures.ts'
import type { Lab } from '../lab.ts'

const PRODUCE = fileURLToPath(new URL('../../peers/Produce.java', import.meta.url))
const JAVA = new URL('../../../scripts/services/java.mjs', import.meta.url)
/** Topics grow by as much at least. */
const STEP = 1_000_000
const TIMEOUT_MS = 10 * 60_000

interface JavaTools {
  findJava(version: number): string
  servicesFolder(): string
}

export const BASE_MS = 1_750_000_000_000
export const RECORDS_PER_MS = 10

/**
 * @param schemaId of the values, which then are Avro
 * @returns the name of the topic of as many users, with at least `count` records.
 */
export async function inputTopic(
  lab: Lab,
  keys: number,
  count: number,
  schemaId?: number,
): Promise<string> {
  const format = schemaId === undefined ? [] : [schemaId]
  const topic = ['bench-input', keys, ...format.map(id => `avro-${id}`)].join('-')
  const found = await lab.recordCount(topic)
  if (found === undefined) await lab.createTopic(topic)
  const there = found ?? 0
  if (there >= count) return topic
  const end = Math.ceil(count / STEP) * STEP
  await produce(lab, { topic, keys, from: there, to: end, partitions: 1, format })
  return topic
}

interface Production {
  readonly topic: string
  readonly keys: number
  readonly from: number
  readonly to: number
  readonly partitions: number
  /** The id of a schema: values are Avro. Nothing: JSON. */
  readonly format: readonly number[]
}

/** Writes records of these numbers. */
export async function produce(lab: Lab, production: Production): Promise<void> {
  const { topic, keys, from, to, partitions, format } = production
  const began = performance.now()
  console.log(`  writing the input of ${grouped(keys)} keys up to ${grouped(to)} records`)
  const { findJava, servicesFolder } = (await import(JAVA.href)) as JavaTools
  const jars = `${servicesFolder()}/kafka-4.1.0/jars/*`
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const args = [lab.bootstrap, topic, keys, from, to, partitions, ...format].map(String)
  const options = { timeout: TIMEOUT_MS, maxBuffer: 1 << 26 }
  await promisify(execFile)(findJava(17), [log, '-cp', jars, PRODUCE, ...args], options)
  const seconds = (performance.now() - began) / 1_000
  console.log(`  wrote ${grouped(to - from)} records in ${seconds.toFixed(0)} s`)
}
