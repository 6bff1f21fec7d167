/**
 * Readers of values that hold no others: primitives and fixed, with promotions and logical types.
 *
 * Which function reads is chosen once per resolution; every value is exact or refused, but for the
 * promotions of int and long to float and double, which round as IEEE does.
 */
import type { FixedType, PrimitiveType } from '../avro-schema/avro-type.ts'
import type { Cursor } from './cursor.ts'
import { checkDecimal, decimalText } from './decimal.ts'
import type { ScalarResolution } from './resolution.ts'
import { timeOf } from './time.ts'
import { uuidText } from './uuid.ts'
import { ValueFault } from './value-fault.ts'
import { isTime, type ValueForm } from './value-form.ts'
import type { ValueReader } from './value-reader.ts'

type Read = (cursor: Cursor) => unknown

export function scalarReader(resolution: ScalarResolution, form: ValueForm): ValueReader {
  const { writer } = resolution
  switch (writer.kind) {
    case 'null':
      return cheap(() => null)
    case 'boolean':
      return cheap(cursor => cursor.boolean())
    case 'int':
    case 'long':
      return cheap(wholeReader(resolution, form))
    case 'float':
      return cheap(cursor => cursor.float())
    case 'double':
      return cheap(cursor => cursor.double())
    default:
      return bytesReader(resolution)
  }
}

/** Where reading makes nothing that skipping would not. */
function cheap(read: Read): ValueReader {
  return { read, skip: read }
}

function wholeReader({ writer, reader }: ScalarResolution, form: ValueForm): Read {
  const readWhole: (cursor: Cursor) => void =
    writer.kind === 'int'
      ? cursor => {
          cursor.int()
        }
      : cursor => cursor.long()
  const give = wholeOf(reader as PrimitiveType, form)
  return cursor => {
    readWhole(cursor)
    return give(cursor)
  }
}

/** What the long read last is as a value of the reader's type. */
function wholeOf(reader: PrimitiveType, form: ValueForm): Read {
  if (reader.kind === 'int') return cursor => cursor.low
  if (reader.kind === 'double') return cursor => cursor.number()
  if (reader.kind === 'float') return nearestFloat
  if (isTime(reader, form)) return cursor => timeOf(cursor, reader.logical)
  if (form.long === 'bigint') return cursor => cursor.bigint()
  return cursor => {
    if (cursor.isSafe()) return cursor.number()
    const got = `${cursor.bigint()}`
    throw new ValueFault('a long within 2^53 - 1, as numbers were chosen', got, 'OVERFLOW')
  }
}

/** Rounded once: a double in between would round twice. */
function nearestFloat(cursor: Cursor): number {
  if (cursor.isSafe()) return Math.fround(cursor.number())
  const value = cursor.bigint()
  const sticky = (value & 0x7ffn) === 0n ? 0n : 1n
  return Math.fround(Number((value >> 11n) | sticky) * 2048)
}

function bytesReader({ writer, reader }: ScalarResolution): ValueReader {
  const what = writer.kind === 'string' ? 'text' : 'bytes'
  const size: (cursor: Cursor) => number =
    writer.kind === 'fixed' ? () => writer.size : cursor => cursor.size(what)
  const { check, make } = bytesForm(reader)
  return {
    read: cursor => {
      const start = cursor.skip(size(cursor), what)
      check(cursor, start)
      return make(cursor.data, start, cursor.at)
    },
    skip: cursor => {
      const start = cursor.skip(size(cursor), what)
      check(cursor, start)
    },
  }
}

interface BytesForm {
  /** Of the bytes from `start` to where the cursor is. */
  readonly check: (cursor: Cursor, start: number) => void
  readonly make: (data: Buffer, start: number, end: number) => unknown
}

const NO_CHECK = (): void => undefined

function bytesForm(reader: PrimitiveType | FixedType): BytesForm {
  if (reader.kind === 'string') {
    return {
      check: (cursor, start) => cursor.checkUtf8(start, cursor.at),
      make: (data, start, end) => data.toString('utf8', start, end),
    }
  }
  const { logical } = reader
  switch (logical?.kind) {
    case 'decimal':
      return {
        check: (cursor, start) => checkDecimal(cursor.data, start, cursor.at, logical.precision),
        make: (data, start, end) => decimalText(data, start, end, logical.scale),
      }
    case 'uuid':
      return { check: NO_CHECK, make: uuidText }
    case 'duration':
      return { check: NO_CHECK, make: durationOf }
    default:
      return { check: NO_CHECK, make: (data, start, end) => data.subarray(start, end) }
  }
}

function durationOf(data: Buffer, start: number): object {
  return {
    months: data.readUInt32LE(start),
    days: data.readUInt32LE(start + 4),
    milliseconds: data.readUInt32LE(start + 8),
  }
}
