/**
 * What an upstream task tells every partition of a repartition topic at the end of each epoch: how
 * far its time is.
 *
 * The record's Kafka key is null, which no data record of such a topic has. Value: version 01,
 * varint partition of the task, varint number of upstream tasks, flags (bit 0 idle, bit 1 final), 8
 * bytes IEEE watermark, varint epoch.
 */
import { ByteReader } from '../../util/byte-reader.ts'
import type { ByteWriter } from '../../util/byte-writer.ts'
import { expectEnd, expectVersion, formatError } from './format-check.ts'

export interface WatermarkRecord {
  /** The upstream task, by the partition it works on. */
  readonly task: number
  /** How many upstream tasks there are: the reader waits to hear from all of them. */
  readonly taskCount: number
  /** The task has nothing to read at present and does not hold time back. */
  readonly isIdle: boolean
  /** The task has read all it ever will; it will not speak again. */
  readonly isFinal: boolean
  /**
   * No record of the task sent after this one is earlier, save late ones. -Infinity = not known
   * yet.
   */
  readonly watermark: number
  /** The epoch of the upstream task that ends with this record. */
  readonly epoch: number
}

const WHAT = 'watermark record'
const VERSION = 1
const IDLE = 1
const FINAL = 2

export function writeWatermarkRecord(record: WatermarkRecord, out: ByteWriter): void {
  out.byte(VERSION)
  out.unsigned(record.task)
  out.unsigned(record.taskCount)
  out.byte((record.isIdle ? IDLE : 0) | (record.isFinal ? FINAL : 0))
  out.float64(record.watermark)
  out.unsigned(record.epoch)
}

/** @throws FORMAT_UNKNOWN */
export function readWatermarkRecord(value: Uint8Array): WatermarkRecord {
  const from = new ByteReader(value, WHAT)
  expectVersion(from, VERSION, WHAT)
  const task = from.unsigned()
  const taskCount = from.unsigned()
  if (task >= taskCount)
    throw formatError(WHAT, 'a task below the count', `${task} of ${taskCount}`)
  const flags = from.byte()
  if ((flags & ~(IDLE | FINAL)) !== 0) throw formatError(WHAT, 'flags 0 to 3', `flags ${flags}`)
  const watermark = from.float64()
  if (Number.isNaN(watermark)) throw formatError(WHAT, 'a watermark', 'NaN')
  const epoch = from.unsigned()
  expectEnd(from, WHAT)
  const isIdle = (flags & IDLE) !== 0
  return { task, taskCount, isIdle, isFinal: (flags & FINAL) !== 0, watermark, epoch }
}
