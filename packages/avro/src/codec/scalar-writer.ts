/**
 * Writers of values that hold no others: primitives and fixed, with their logical types.
 *
 * Each checks its value and writes it exactly, or throws a `ValueFault`. Which function writes is
 * chosen once per type.
 */
import { describeValue } from '@millrace/core'
import type { FixedType, LogicalType, PrimitiveType } from '../avro-schema/avro-type.ts'
import { twosComplement, unscaledOf } from './decimal.ts'
import { unitsPerMs } from './time.ts'
import { uuidBytes } from './uuid.ts'
import { ValueFault } from './value-fault.ts'
import { isTime, type ValueForm } from './value-form.ts'
import type { WriteValue } from './value-writer.ts'

const UINT32_MAX = 0xffff_ffff

export function writerOfScalar(type: PrimitiveType | FixedType, form: ValueForm): WriteValue {
  switch (type.kind) {
    case 'null':
      return writeNull
    case 'boolean':
      return writeBoolean
    case 'int':
      return writeInt
    case 'long':
      return isTime(type, form) ? timeWriter(type.logical) : writeLong
    case 'float':
      return writeFloat
    case 'double':
      return writeDouble
    case 'string':
      return type.logical?.kind === 'uuid' ? writeUuidText : writeText
    case 'bytes':
      return type.logical?.kind === 'decimal' ? decimalWriter(type.logical, null) : writeBytes
    case 'fixed':
      return fixedWriter(type)
  }
}

const writeNull: WriteValue = value => {
  if (value !== null && value !== undefined) throw refusal('null', value)
}

const writeBoolean: WriteValue = (value, out) => {
  if (typeof value !== 'boolean') throw refusal('true or false', value)
  out.byte(value ? 1 : 0)
}

const writeInt: WriteValue = (value, out) => {
  if (typeof value === 'number' && (value | 0) === value) out.int(value)
  else if (typeof value === 'bigint' && BigInt.asIntN(32, value) === value) out.int(Number(value))
  else throw refusal('a whole number of 32 bits', value)
}

const writeLong: WriteValue = (value, out) => {
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw refusal('a whole number of 64 bits', value)
    out.bigint(value)
  } else if (typeof value === 'number' && Number.isSafeInteger(value)) {
    out.long(value | 0, Math.floor(value / 0x1_0000_0000))
  } else throw refusal('a bigint, or a whole number within 2^53 - 1', value)
}

const writeFloat: WriteValue = (value, out) => {
  const number = numberOf(value)
  if (Number.isFinite(number) && !Number.isFinite(Math.fround(number))) {
    throw refusal('a number within the range of a float', value)
  }
  out.float(number)
}

const writeDouble: WriteValue = (value, out) => out.double(numberOf(value))

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' && BigInt(Number(value)) === value) return Number(value)
  throw refusal('a number', value)
}

const writeText: WriteValue = (value, out) => {
  if (typeof value !== 'string') throw refusal('text', value)
  out.text(value)
}

const writeUuidText: WriteValue = (value, out) => {
  if (typeof value !== 'string' || uuidBytes(value) === null)
    throw refusal('the text of a UUID', value)
  out.text(value)
}

const writeBytes: WriteValue = (value, out) => {
  if (!(value instanceof Uint8Array)) throw refusal('bytes', value)
  out.int(value.length)
  out.bytes(value)
}

/** Epoch milliseconds, in the unit of the type. */
function timeWriter(logical: LogicalType | null): WriteValue {
  const units = unitsPerMs(logical)
  return (value, out) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) {
      throw refusal('a time as whole epoch milliseconds', value)
    }
    if (units === 1n) writeLong(value, out)
    else writeLong(BigInt(value) * units, out)
  }
}

function fixedWriter({ name, size, logical }: FixedType): WriteValue {
  switch (logical?.kind) {
    case 'decimal':
      return decimalWriter(logical, size)
    case 'uuid':
      return (value, out) => {
        const bytes = typeof value === 'string' ? uuidBytes(value) : null
        if (bytes === null) throw refusal('the text of a UUID', value)
        out.bytes(bytes)
      }
    case 'duration':
      return writeDuration
    default:
      return (value, out) => {
        if (!(value instanceof Uint8Array) || value.length !== size) {
          throw refusal(`${size} bytes of ${name}`, value)
        }
        out.bytes(value)
      }
  }
}

/** @param size of a fixed; null = bytes. */
function decimalWriter(
  logical: LogicalType & { kind: 'decimal' },
  size: number | null,
): WriteValue {
  const { precision, scale } = logical
  return (value, out) => {
    const unscaled = unscaledOf(typeof value === 'string' ? value : '', precision, scale)
    if (typeof unscaled === 'string') throw refusal(unscaled, value)
    const bytes = twosComplement(unscaled, size ?? undefined)
    if (size === null) out.int(bytes.length)
    out.bytes(bytes)
  }
}

const writeDuration: WriteValue = (value, out) => {
  const parts =
    typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  for (const name of ['months', 'days', 'milliseconds']) {
    const part = parts[name]
    if (typeof part !== 'number' || !Number.isInteger(part) || part < 0 || part > UINT32_MAX) {
      throw refusal('a duration { months, days, milliseconds } of whole numbers below 2^32', value)
    }
    out.uint32(part)
  }
}

function refusal(expected: string, value: unknown): ValueFault {
  return new ValueFault(expected, describeValue(value))
}
