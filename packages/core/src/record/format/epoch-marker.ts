/**
 * The last record of an epoch in a task's changelog: from here a restarted task goes on.
 *
 *   marker      = 01 varint epoch, inputs, decisions, receipts, fingerprints
 *               | 02 the same, source         a task that reads a source outside Kafka
 *   source      = name, 00 | 01 position      00 = its beginning
 *   inputs      = varint count, each: topic, varint partition count, varint count of those read,
 *                 each: varint partition, varint next offset, 8 bytes IEEE watermark, upstreams
 *   upstreams   = varint count, each: flags (bit 0 idle, bit 1 final), 8 bytes IEEE watermark
 *   decisions   = varint count, each: 01 topic varint partition   the input is idle
 *                                   | 02 8 bytes IEEE watermark   the task's time was moved there
 *                                   | 03 8 bytes IEEE time        what is due on the wall by then
 *   receipts    = varint count, each: sink, 00 | 01 varint size bytes
 *   fingerprints= varint count, each: step, fingerprint
 *
 * Texts are varint size and UTF-8. Every list is in the order given; writers sort by name, then
 * partition, so that equal epochs have equal bytes; fingerprints stand in the order of store
 * numbers. An unknown version or kind of decision is
 * refused: it may change results.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { expectEnd, expectVersion, formatError, readCount } from './format-check.ts'
import { readBytes, readText, writeBytes, writeText } from './sized-text.ts'

export interface EpochMarker {
  readonly epoch: number
  readonly inputs: readonly MarkerInput[]
  readonly decisions: readonly ClockDecision[]
  readonly receipts: readonly SinkReceipt[]
  readonly fingerprints: readonly StepFingerprint[]
  /** Of a task that reads a source outside Kafka; missing = it reads a topic. */
  readonly source?: SourcePosition
}

/** Where a source outside Kafka goes on. */
export interface SourcePosition {
  /** What the source called itself: a position is good for no other. */
  readonly name: string
  /** What a chunk gave; null = the beginning. */
  readonly position: string | null
}

/** A topic the task reads, and how far. */
export interface MarkerInput {
  readonly topic: string
  /** How many partitions the topic had when the epoch ended. */
  readonly partitionCount: number
  readonly partitions: readonly InputPosition[]
}

export interface InputPosition {
  readonly partition: number
  /** The offset to read next. */
  readonly offset: number
  /** Epoch milliseconds; -Infinity = no record yet. */
  readonly watermark: number
  /** Repartition topics: what each upstream task has said, by its number. Else empty. */
  readonly upstreams: readonly UpstreamProgress[]
}

/** The last watermark record of an upstream task, as far as it was read. */
export interface UpstreamProgress {
  readonly isIdle: boolean
  readonly isFinal: boolean
  /** Epoch milliseconds; -Infinity = the task has not spoken yet. */
  readonly watermark: number
}

/** A decision of the clock, in force from the first record of the next epoch. */
export type ClockDecision =
  | { readonly kind: 'idle'; readonly topic: string; readonly partition: number }
  | { readonly kind: 'advance'; readonly watermark: number }
  | { readonly kind: 'wall'; readonly time: number }

/** What a sink needs to finish or undo the epoch; null = nothing. */
export interface SinkReceipt {
  readonly sink: string
  readonly receipt: Uint8Array | null
}

/** Of a step with state: its identity, and what must not change while its state lives. */
export interface StepFingerprint {
  readonly step: string
  readonly fingerprint: string
}

const WHAT = 'epoch marker'
const VERSION = 1
const VERSION_OF_SOURCE = 2
const IDLE = 1
const ADVANCE = 2
const WALL = 3
const UPSTREAM_IDLE = 1
const UPSTREAM_FINAL = 2

export function writeEpochMarker(marker: EpochMarker, out: ByteWriter): void {
  const { source } = marker
  out.byte(source === undefined ? VERSION : VERSION_OF_SOURCE)
  out.unsigned(marker.epoch)
  writeList(marker.inputs, writeInput, out)
  writeList(marker.decisions, writeDecision, out)
  writeList(marker.receipts, writeReceipt, out)
  writeList(marker.fingerprints, writeFingerprint, out)
  if (source !== undefined) writeSource(source, out)
}

/** @throws FORMAT_UNKNOWN */
export function readEpochMarker(value: Uint8Array): EpochMarker {
  const from = new ByteReader(value, WHAT)
  const hasSource = value[0] === VERSION_OF_SOURCE
  expectVersion(from, hasSource ? VERSION_OF_SOURCE : VERSION, WHAT)
  const epoch = from.unsigned()
  const inputs = readList(from, 3, readInput)
  const decisions = readList(from, 2, readDecision)
  const receipts = readList(from, 2, readReceipt)
  const fingerprints = readList(from, 2, readFingerprint)
  const source = hasSource ? readSource(from) : undefined
  expectEnd(from, WHAT)
  const marker = { epoch, inputs, decisions, receipts, fingerprints }
  return source === undefined ? marker : { ...marker, source }
}

function writeList<T>(
  items: readonly T[],
  write: (item: T, out: ByteWriter) => void,
  out: ByteWriter,
): void {
  out.unsigned(items.length)
  for (const item of items) write(item, out)
}

function readList<T>(from: ByteReader, bytesMin: number, read: (from: ByteReader) => T): T[] {
  return Array.from({ length: readCount(from, bytesMin, WHAT) }, () => read(from))
}

function writeInput(input: MarkerInput, out: ByteWriter): void {
  writeText(input.topic, out)
  out.unsigned(input.partitionCount)
  writeList(input.partitions, writePosition, out)
}

function readInput(from: ByteReader): MarkerInput {
  const topic = readText(from)
  const partitionCount = from.unsigned()
  return { topic, partitionCount, partitions: readList(from, 11, readPosition) }
}

function writePosition(position: InputPosition, out: ByteWriter): void {
  out.unsigned(position.partition)
  out.unsigned(position.offset)
  out.float64(position.watermark)
  writeList(position.upstreams, writeUpstream, out)
}

function readPosition(from: ByteReader): InputPosition {
  const partition = from.unsigned()
  const offset = from.unsigned()
  const watermark = readWatermark(from)
  return { partition, offset, watermark, upstreams: readList(from, 9, readUpstream) }
}

function writeUpstream({ isIdle, isFinal, watermark }: UpstreamProgress, out: ByteWriter): void {
  out.byte((isIdle ? UPSTREAM_IDLE : 0) | (isFinal ? UPSTREAM_FINAL : 0))
  out.float64(watermark)
}

function readUpstream(from: ByteReader): UpstreamProgress {
  const flags = from.byte()
  if (flags > 3) throw formatError(WHAT, 'flags 0 to 3 of an upstream task', `flags ${flags}`)
  const isIdle = (flags & UPSTREAM_IDLE) !== 0
  return { isIdle, isFinal: (flags & UPSTREAM_FINAL) !== 0, watermark: readWatermark(from) }
}

function writeDecision(decision: ClockDecision, out: ByteWriter): void {
  if (decision.kind === 'idle') {
    out.byte(IDLE)
    writeText(decision.topic, out)
    out.unsigned(decision.partition)
  } else if (decision.kind === 'advance') {
    out.byte(ADVANCE)
    out.float64(decision.watermark)
  } else {
    out.byte(WALL)
    out.float64(decision.time)
  }
}

function readDecision(from: ByteReader): ClockDecision {
  const kind = from.byte()
  if (kind === ADVANCE) return { kind: 'advance', watermark: readWatermark(from) }
  if (kind === WALL) return { kind: 'wall', time: readWatermark(from) }
  if (kind !== IDLE) throw formatError(WHAT, 'a clock decision 1 to 3', `kind ${kind}`)
  const topic = readText(from)
  return { kind: 'idle', topic, partition: from.unsigned() }
}

function readWatermark(from: ByteReader): number {
  const watermark = from.float64()
  if (Number.isNaN(watermark)) throw formatError(WHAT, 'a watermark', 'NaN')
  return watermark
}

function writeReceipt({ sink, receipt }: SinkReceipt, out: ByteWriter): void {
  writeText(sink, out)
  out.byte(receipt === null ? 0 : 1)
  if (receipt !== null) writeBytes(receipt, out)
}

function readReceipt(from: ByteReader): SinkReceipt {
  const sink = readText(from)
  const has = from.byte()
  if (has > 1) throw formatError(WHAT, '0 or 1 before a receipt', `${has}`)
  return { sink, receipt: has === 0 ? null : Uint8Array.from(readBytes(from)) }
}

function writeFingerprint({ step, fingerprint }: StepFingerprint, out: ByteWriter): void {
  writeText(step, out)
  writeText(fingerprint, out)
}

function readFingerprint(from: ByteReader): StepFingerprint {
  const step = readText(from)
  return { step, fingerprint: readText(from) }
}

function writeSource({ name, position }: SourcePosition, out: ByteWriter): void {
  writeText(name, out)
  out.byte(position === null ? 0 : 1)
  if (position !== null) writeText(position, out)
}

function readSource(from: ByteReader): SourcePosition {
  const name = readText(from)
  const has = from.byte()
  if (has > 1) throw formatError(WHAT, '0 or 1 before a position', `${has}`)
  return { name, position: has === 0 ? null : readText(from) }
}
