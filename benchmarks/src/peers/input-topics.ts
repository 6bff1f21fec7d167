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
  const from = performance.now()
  console.log(`  writing the input of ${grouped(keys)} keys up to ${grouped(end)} records`)
  const { findJava, servicesFolder } = (await import(JAVA.href)) as JavaTools
  const jars = `${servicesFolder()}/kafka-4.1.0/jars/*`
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error'
  const args = [lab.bootstrap, topic, keys, there, end, ...format].map(String)
  const options = { timeout: TIMEOUT_MS, maxBuffer: 1 << 26 }
  await promisify(execFile)(findJava(17), [log, '-cp', jars, PRODUCE, ...args], options)
  const seconds = (performance.now() - from) / 1_000
  console.log(`  wrote ${grouped(end - there)} records in ${seconds.toFixed(0)} s`)
  return topic
}
