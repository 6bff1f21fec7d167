/**
 * The logical type that stands beside a type, where it fits: one that is unknown, incomplete or on
 * the wrong type is ignored, and the plain type holds, as the specification says.
 */
import type { LogicalType, PlainLogicalName, PrimitiveName } from './avro-type.ts'

type Underlying = PrimitiveName | 'fixed'

const PLAIN: { readonly [K in PlainLogicalName]: readonly Underlying[] } = {
  date: ['int'],
  'time-millis': ['int'],
  'time-micros': ['long'],
  'timestamp-millis': ['long'],
  'timestamp-micros': ['long'],
  'timestamp-nanos': ['long'],
  'local-timestamp-millis': ['long'],
  'local-timestamp-micros': ['long'],
  'local-timestamp-nanos': ['long'],
  uuid: ['string', 'fixed'],
  duration: ['fixed'],
}

const UUID_BYTES = 16
const DURATION_BYTES = 12
/** More digits would make a decimal of a record a long calculation. */
const PRECISION_MAX = 5_000

/** @param size of a fixed. */
export function logicalType(
  json: Readonly<Record<string, unknown>>,
  kind: Underlying,
  size = 0,
): LogicalType | null {
  const name = json['logicalType']
  if (typeof name !== 'string') return null
  if (name === 'decimal') return decimal(json, kind, size)
  if (!Object.hasOwn(PLAIN, name)) return null
  const plain = name as PlainLogicalName
  if (!PLAIN[plain].includes(kind)) return null
  if (plain === 'duration' && size !== DURATION_BYTES) return null
  if (plain === 'uuid' && kind === 'fixed' && size !== UUID_BYTES) return null
  return { kind: plain }
}

function decimal(
  json: Readonly<Record<string, unknown>>,
  kind: Underlying,
  size: number,
): LogicalType | null {
  const { precision, scale = 0 } = json
  if (kind !== 'bytes' && kind !== 'fixed') return null
  if (!isWhole(precision) || !isWhole(scale) || precision < 1 || scale > precision) return null
  if (precision > PRECISION_MAX) return null
  if (kind === 'fixed' && precision > digitsIn(size)) return null
  return { kind: 'decimal', precision, scale }
}

/** Decimal digits that every number of so many bytes can hold. */
function digitsIn(bytes: number): number {
  return bytes < 1 ? 0 : Math.floor(Math.log10(2) * (8 * bytes - 1))
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
