/**
 * Cells of a Parquet file, where the library gives something else than a frame's types: decimals
 * with all their digits, maps with keys of any type, intervals, and these within lists and structs.
 *
 * For them the library is shown a schema without these annotations, so that it hands out what is
 * stored; the rest it converts as the parsers say.
 */
import { type CellValue, type DataType, isRefusal, parseJson, toCell } from '@millrace/core'
import type { FileMetaData, ParquetParsers, SchemaElement, SchemaTree } from 'hyparquet'
import { decimalText } from '../bridge/decimal-texts.ts'

/** What becomes of a value that the library gives. */
type CellOf = (value: unknown) => CellValue

/** Times as epoch milliseconds, JSON with whole numbers of any size. */
export const PARSERS: Partial<ParquetParsers> = {
  timestampFromMilliseconds: Number,
  timestampFromMicroseconds: (micros: bigint) => floorDivided(micros, 1_000n),
  timestampFromNanoseconds: (nanos: bigint) => floorDivided(nanos, 1_000_000n),
  dateFromDays: (days: number) => days * 86_400_000,
  jsonFromBytes: bytes => jsonOf(text(bytes)),
}

/** Given as they are stored. */
const PLAIN: ReadonlySet<string> = new Set([
  'DECIMAL',
  'INTERVAL',
  'MAP',
  'MAP_KEY_VALUE',
  'BSON',
  'GEOMETRY',
  'GEOGRAPHY',
])

/** What an element is said to hold, by the newer annotation, else the older one. */
export function annotationOf(element: SchemaElement): string | undefined {
  const { logical_type: logical, converted_type: converted } = element
  return logical?.type ?? converted
}

/** The metadata by which the library shall read. */
export function plainMetadata(metadata: FileMetaData): FileMetaData {
  const schema = metadata.schema.map(element => {
    const annotation = annotationOf(element)
    if (annotation === 'LIST') return { ...element, converted_type: 'LIST' as const }
    if (annotation === undefined || !PLAIN.has(annotation)) return element
    const { logical_type: _, converted_type: __, ...plain } = element
    return plain
  })
  return { ...metadata, schema }
}

/**
 * How a value of a column becomes its cell; null = it is one.
 * @param type what the column is read as, as `parquetSchemaOf` allows.
 */
export function cellOf(tree: SchemaTree, found: DataType, type: DataType): CellOf | null {
  const natural = naturalCell(tree, true)
  if (found.kind === type.kind) return natural
  if (type.kind === 'list' || type.kind === 'struct') return nestedCell(natural, type)
  const convert = type.kind === 'float64' ? Number : type.kind === 'json' ? jsonOf : null
  if (convert === null) return natural
  const cell: CellOf = natural ?? (value => value as CellValue)
  return value => (isMissing(value) ? null : convert(cell(value) as never))
}

/** Checked, as the types of a file within lists and structs may be others than were declared. */
function nestedCell(natural: CellOf | null, type: DataType): CellOf {
  return present(value => {
    const cell = toCell(type.required(), natural === null ? value : natural(value))
    if (!isRefusal(cell)) return cell
    throw new Error(`expected ${cell.expected}, got ${cell.got}`)
  })
}

/** @param isColumn no value within another: rows make bigint of whole numbers where they must. */
function naturalCell(tree: SchemaTree, isColumn: boolean): CellOf | null {
  const { element, children } = tree
  const annotation = annotationOf(element)
  if (children.length > 0) {
    if (annotation === 'MAP' || annotation === 'MAP_KEY_VALUE') return mapCell(tree)
    return annotation === 'LIST' ? listCell(tree) : repeated(tree, structCell(tree))
  }
  return repeated(tree, leafCell(element, isColumn))
}

function leafCell(element: SchemaElement, isColumn: boolean): CellOf | null {
  const { scale = 0 } = element
  switch (annotationOf(element)) {
    case 'DECIMAL':
      return present(value => decimalText(unscaled(value), scale))
    case 'INTERVAL':
      return present(value => interval(value as Uint8Array))
    case 'NULL':
      return () => null
    default:
      return isUint32(element) && !isColumn ? present(value => BigInt(value as number)) : null
  }
}

export function isUint32(element: SchemaElement): boolean {
  const { logical_type: logical, converted_type: converted } = element
  const isNew = logical?.type === 'INTEGER' && logical.bitWidth === 32 && !logical.isSigned
  return isNew || converted === 'UINT_32'
}

/** The list is a group of a repeated group of the cell, or of the repeated cell itself. */
function listCell({ children: [middle] }: SchemaTree): CellOf | null {
  const [only, ...more] = middle?.children ?? []
  if (only !== undefined && more.length === 0) return many(naturalCell(only, false))
  return middle === undefined ? null : many(repeatedOnce(middle))
}

function repeatedOnce(tree: SchemaTree): CellOf | null {
  return tree.children.length > 0 ? structCell(tree) : leafCell(tree.element, false)
}

function repeated({ element }: SchemaTree, cell: CellOf | null): CellOf | null {
  return element.repetition_type === 'REPEATED' ? many(cell) : cell
}

function many(cell: CellOf | null): CellOf | null {
  return cell === null ? null : present(values => (values as unknown[]).map(cell))
}

function structCell({ children }: SchemaTree): CellOf | null {
  const cells = children.map(child => [child.element.name, naturalCell(child, false)] as const)
  if (cells.every(([, cell]) => cell === null)) return null
  return present(struct => {
    const values = struct as Record<string, unknown>
    return Object.fromEntries(
      cells.map(([name, cell]) => [name, cell === null ? values[name] : cell(values[name])]),
    )
  })
}

/** An object where keys are text, else an array of `{ key, value }`. */
function mapCell({ children: [entries] }: SchemaTree): CellOf | null {
  const [key, value] = entries?.children ?? []
  if (entries === undefined || key === undefined) return null
  const keyCell = naturalCell(key, false) ?? same
  const valueCell = value === undefined ? () => null : (naturalCell(value, false) ?? same)
  const annotation = annotationOf(key.element)
  const isText = annotation === 'STRING' || annotation === 'UTF8'
  return present(map => {
    const list = (map as Record<string, Record<string, unknown>[]>)[entries.element.name] ?? []
    const pairs = list.map(entry => {
      const found = value === undefined ? null : entry[value.element.name]
      return [keyCell(entry[key.element.name]), valueCell(found)] as const
    })
    return isText
      ? Object.fromEntries(pairs as [string, CellValue][])
      : pairs.map(([k, v]) => ({ key: k, value: v }))
  })
}

function same(value: unknown): CellValue {
  return (value ?? null) as CellValue
}

function present(cell: CellOf): CellOf {
  return value => (isMissing(value) ? null : cell(value))
}

function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

/** Bytes are big-endian in two's complement. */
function unscaled(value: unknown): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value as number | bigint)
  if (value.length === 0) return 0n
  return BigInt.asIntN(value.length * 8, BigInt(`0x${bufferOf(value).toString('hex')}`))
}

/** Months, days and milliseconds, each an unsigned word. */
function interval(bytes: Uint8Array): CellValue {
  const words = bufferOf(bytes)
  return {
    months: words.readUInt32LE(0),
    days: words.readUInt32LE(4),
    milliseconds: words.readUInt32LE(8),
  }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}

function text(bytes: Uint8Array): string {
  return bufferOf(bytes).toString()
}

function jsonOf(json: string): CellValue {
  const value = parseJson(json)
  if (!isRefusal(value)) return value as CellValue
  throw new Error(`expected ${value.expected}, got ${value.got}`)
}

function floorDivided(value: bigint, by: bigint): number {
  const rest = value % by
  return Number((value - rest) / by) - (rest < 0n ? 1 : 0)
}
