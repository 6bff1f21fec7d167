/**
 * Whether statistics say that no row of a row group is wanted. Only what is certain is left out:
 *
 * - Statistics pass over nulls, which meet no bound, and NaN, which is above every number: so a
 *   floating column is judged by its least only, unless another bound on it keeps NaN out.
 * - Text is compared as bytes, in which least and greatest may be cut off and are bounds still.
 * - Decimals, booleans, bytes and nested columns are not judged, nor statistics of old files, whose
 *   order is not known.
 */
import type { ColumnBound, RecordsWanted } from '@millrace/core'
import { type FileMetaData, parquetSchema, type RowGroup, type SchemaElement } from 'hyparquet'
import { annotationOf } from './parquet-cells.ts'

type Value = ColumnBound['value']
/** `real` may hold NaN. */
type Order = 'whole' | 'real' | 'text'

interface Statistics {
  readonly order: Order
  readonly least: unknown
  readonly greatest: unknown
  readonly areNull: boolean
}

/**
 * Tells which row groups of a file can be left out.
 * @param metadata with the statistics of text as bytes.
 */
export function unwantedIn(
  metadata: FileMetaData,
  wanted: RecordsWanted | undefined,
): (group: RowGroup) => boolean {
  if (wanted === undefined) return () => false
  const orders = new Map<string, Order>()
  for (const { element, children } of parquetSchema(metadata).children) {
    const order = children.length === 0 ? orderOf(element) : null
    if (order !== null) orders.set(element.name, order)
  }
  return group =>
    wanted.every(bounds => bounds.some(bound => isUnmet(bound, bounds, group, orders)))
}

/** No row of the group meets the bound, or else another of the bounds. */
function isUnmet(
  { column, is, value }: ColumnBound,
  bounds: readonly ColumnBound[],
  group: RowGroup,
  orders: ReadonlyMap<string, Order>,
): boolean {
  const statistics = statisticsOf(group, column, orders)
  if (statistics === null) return false
  if (statistics.areNull) return true
  const { order, least, greatest } = statistics
  const isBelow = compare(order, greatest, value)
  const isAbove = compare(order, least, value)
  if (isBelow === null || isAbove === null) return false
  const isNaNOut =
    order !== 'real' ||
    bounds.some(other => other.column === column && ['eq', 'lt', 'lte'].includes(other.is))
  switch (is) {
    case 'eq':
      return isBelow < 0 || isAbove > 0
    case 'gt':
      return isNaNOut && isBelow <= 0
    case 'gte':
      return isNaNOut && isBelow < 0
    case 'lt':
      return isAbove >= 0
    case 'lte':
      return isAbove > 0
  }
}

function statisticsOf(
  { columns, num_rows: rows }: RowGroup,
  name: string,
  orders: ReadonlyMap<string, Order>,
): Statistics | null {
  const order = orders.get(name)
  const chunk = columns.find(({ meta_data: meta }) => {
    return meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === name
  })
  const found = chunk?.meta_data?.statistics
  if (order === undefined || found === undefined) return null
  const { min_value: least, max_value: greatest, null_count: nulls } = found
  return { order, least, greatest, areNull: nulls !== undefined && nulls === rows }
}

/** Sign of the first less the second; null where they can't be compared. */
function compare(order: Order, found: unknown, value: Value): number | null {
  if (order === 'text') {
    if (!(found instanceof Uint8Array) || typeof value !== 'string') return null
    const bytes = Buffer.from(value)
    // Half a letter has no bytes.
    return bytes.toString() === value ? Buffer.compare(found, bytes) : null
  }
  const isNumber = typeof found === 'bigint' || (typeof found === 'number' && !Number.isNaN(found))
  if (!isNumber || typeof value === 'string') return null
  return found < value ? -1 : Number(found > value)
}

function orderOf(element: SchemaElement): Order | null {
  const { type, repetition_type: repetition, converted_type: converted } = element
  if (repetition === 'REPEATED') return null
  const annotation = annotationOf(element)
  switch (annotation) {
    case undefined:
    case 'INTEGER':
      break
    case 'FLOAT16':
      return 'real'
    case 'STRING':
    case 'UTF8':
    case 'ENUM':
      return type === 'BYTE_ARRAY' ? 'text' : null
    case 'DATE':
      // Without the older annotation the library gives days, and days are no milliseconds.
      return converted === 'DATE' ? 'whole' : null
    default:
      if (!/^(U?INT_|TIME)/.test(annotation)) return null
  }
  if (type === 'FLOAT' || type === 'DOUBLE') return 'real'
  return type === 'INT32' || type === 'INT64' ? 'whole' : null
}
