/**
 * What the columns of a Parquet file are in a frame.
 *
 *   int32 and narrower → int32          int64, uint32, uint64, time → int64     boolean → boolean
 *   float, double, float16, decimal → float64        date, timestamp, int96 → timestamp
 *   text, enum, uuid → string           bytes → bytes            json, lists, structs, maps → json
 */
import { type DataType, didYouMean, MillraceError, Schema, t } from '@millrace/core'
import { type FileMetaData, type ParquetParsers, parquetSchema, type SchemaTree } from 'hyparquet'

/** Times as epoch milliseconds, JSON as it stands. */
export const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (micros: bigint) => floorDivided(micros, 1_000n),
  timestampFromNanoseconds: (nanos: bigint) => floorDivided(nanos, 1_000_000n),
  dateFromDays: (days: number) => days * 86_400_000,
}

/** @throws SCHEMA_MISMATCH when a declared column is missing or of another type. */
export function parquetSchemaOf(
  metadata: FileMetaData,
  declared: Schema | undefined,
  where: string,
): Schema {
  const found = new Map(
    parquetSchema(metadata).children.map(node => [node.element.name, typeOf(node)]),
  )
  if (declared === undefined) {
    return new Schema([...found].map(([name, type]) => ({ name, type })))
  }
  for (const { name, type } of declared.fields) {
    const there = found.get(name)
    const text =
      there === undefined
        ? `there is no column ${JSON.stringify(name)}.${didYouMean(name, found.keys())}`
        : `column ${JSON.stringify(name)} is read as ${there}, not as ${type}. Declare it so, ` +
          'and convert it in the frame.'
    if (there !== undefined && canRead(there, type)) continue
    throw new MillraceError('SCHEMA_MISMATCH', `${where}: ${text}`, { field: name })
  }
  return declared
}

function canRead(found: DataType, wanted: DataType): boolean {
  if (found.isNullable && !wanted.isNullable) return false
  if (found.kind === wanted.kind) return true
  return found.kind === 'int32' && (wanted.kind === 'int64' || wanted.kind === 'float64')
}

function typeOf({ element, children }: SchemaTree): DataType {
  const { repetition_type: repetition } = element
  const type = children.length > 0 || repetition === 'REPEATED' ? t.json() : plainType(element)
  return repetition === 'REQUIRED' ? type : type.nullable()
}

function plainType({
  type,
  converted_type: converted,
  logical_type: logical,
}: SchemaTree['element']): DataType {
  const kind: string | undefined = logical?.type ?? converted
  if (kind === 'DECIMAL' || kind === 'FLOAT16') return t.float64()
  if (kind === 'DATE' || kind?.startsWith('TIMESTAMP') || type === 'INT96') {
    return t.timestamp({ unit: 'ms' })
  }
  if (kind === 'UTF8' || kind === 'STRING' || kind === 'ENUM' || kind === 'UUID') return t.string()
  if (kind === 'JSON') return t.json()
  switch (type) {
    case 'BOOLEAN':
      return t.boolean()
    case 'INT32':
      return converted === 'UINT_32' ? t.int64() : t.int32()
    case 'INT64':
      return t.int64()
    case 'FLOAT':
    case 'DOUBLE':
      return t.float64()
    default:
      return t.bytes()
  }
}

function floorDivided(value: bigint, by: bigint): number {
  const rest = value % by
  return Number((value - rest) / by) - (rest < 0n ? 1 : 0)
}
