/**
 * What the columns of a Parquet file are in a frame.
 *
 *   int32 and narrower → int32          int64, uint32, uint64, time → int64     boolean → boolean
 *   float, double, float16 → float64    date, timestamp, int96 → timestamp
 *   text, enum, uuid → string           decimal → decimal; of more than 38 digits string
 *   bytes, BSON, geometry → bytes       json, lists, structs, maps, intervals, null → json
 *
 * Lists and structs are columns of these types where the user declares them so.
 */
import { type DataType, didYouMean, MillraceError, type Row, Schema, t } from '@millrace/core'
import { type FileMetaData, parquetSchema, type SchemaTree } from 'hyparquet'
import { decimalType, withUnits } from '../bridge/row-schema.ts'
import { annotationOf, cellOf, isUint32 } from './parquet-cells.ts'

/** @throws SCHEMA_MISMATCH when a declared column is missing or of another type. */
export function parquetSchemaOf(
  metadata: FileMetaData,
  declared: Schema | undefined,
  where: string,
): Schema {
  const found = new Map<string, SchemaTree>()
  for (const node of parquetSchema(metadata).children) found.set(node.element.name, node)
  if (declared === undefined) {
    return new Schema([...found].map(([name, node]) => ({ name, type: readable(node, where) })))
  }
  for (const { name, type } of declared.fields) {
    const node = found.get(name)
    if (node === undefined) {
      const near = didYouMean(name, found.keys())
      throw mismatch(where, name, `there is no column ${JSON.stringify(name)}.${near}`)
    }
    const there = readable(node, where)
    if (canRead(node, there, type)) continue
    throw mismatch(
      where,
      name,
      `column ${JSON.stringify(name)} is read as ${there}, not as ${type}. Declare it so, and ` +
        'convert it in the frame.',
    )
  }
  return withUnits(declared)
}

/** @throws NOT_SUPPORTED for what has no column. */
function readable(node: SchemaTree, where: string): DataType {
  const found = variantIn(node)
  if (found === null) return typeOf(node)
  const name = JSON.stringify(found)
  throw new MillraceError(
    'NOT_SUPPORTED',
    `${where}: column ${name} is a VARIANT, which is not read. Name the other columns with ` +
      '`schema`, or write it as JSON.',
    { field: node.element.name },
  )
}

function variantIn({ element, children, path }: SchemaTree): string | null {
  if (annotationOf(element) === 'VARIANT') return path.join('.')
  for (const child of children) {
    const found = variantIn(child)
    if (found !== null) return found
  }
  return null
}

function mismatch(where: string, field: string, text: string): MillraceError {
  return new MillraceError('SCHEMA_MISMATCH', `${where}: ${text}`, { field })
}

function canRead({ element }: SchemaTree, found: DataType, wanted: DataType): boolean {
  if (found.isNullable && !wanted.isNullable) return false
  const isDecimal = annotationOf(element) === 'DECIMAL'
  if (isDecimal && wanted.kind === 'decimal') {
    return found.kind === 'decimal' && wanted.hasRoomFor(found)
  }
  if (isDecimal && wanted.kind === 'string') return true
  if (found.kind === wanted.kind) return true
  // What is within is looked at cell by cell.
  if (wanted.kind === 'list' || wanted.kind === 'struct') return found.kind === 'json'
  if (wanted.kind === 'int64') return found.kind === 'int32'
  if (wanted.kind === 'json') return found.kind === 'string' && !isDecimal
  const isNumber = found.kind === 'int32' || found.kind === 'int64' || isDecimal
  return wanted.kind === 'float64' && isNumber
}

/**
 * What puts cells into a row that the library gives, in place of its values; null = they are cells.
 * @param read what the columns are read as, as `parquetSchemaOf` allows.
 */
export function cellsOfRow(metadata: FileMetaData, read: Schema): ((row: Row) => void) | null {
  const cells = parquetSchema(metadata).children.flatMap(tree => {
    const { name } = tree.element
    const cell = read.has(name) ? cellOf(tree, typeOf(tree), read.typeOf(name)) : null
    return cell === null ? [] : [[name, cell] as const]
  })
  if (cells.length === 0) return null
  return row => {
    for (const [name, cell] of cells) row[name] = cell(row[name])
  }
}

function typeOf({ element, children }: SchemaTree): DataType {
  const { repetition_type: repetition } = element
  const type = children.length > 0 || repetition === 'REPEATED' ? t.json() : plainType(element)
  return repetition === 'REQUIRED' ? type : type.nullable()
}

function plainType(element: SchemaTree['element']): DataType {
  const { type } = element
  const kind: string | undefined = annotationOf(element)
  if (kind === 'DECIMAL') {
    const { precision = 0, scale = 0 } = element
    return precision < 1 ? t.string() : decimalType({ precision, scale })
  }
  if (kind === 'FLOAT16') return t.float64()
  if (kind === 'DATE' || kind?.startsWith('TIMESTAMP') || type === 'INT96') {
    return t.timestamp({ unit: 'ms' })
  }
  if (kind === 'UTF8' || kind === 'STRING' || kind === 'ENUM' || kind === 'UUID') return t.string()
  if (kind === 'JSON' || kind === 'INTERVAL' || kind === 'NULL') return t.json()
  switch (type) {
    case 'BOOLEAN':
      return t.boolean()
    case 'INT32':
      return isUint32(element) ? t.int64() : t.int32()
    case 'INT64':
      return t.int64()
    case 'FLOAT':
    case 'DOUBLE':
      return t.float64()
    default:
      return t.bytes()
  }
}
