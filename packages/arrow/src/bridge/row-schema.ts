/**
 * What the columns of Arrow data are in a frame.
 *
 *   int8 … int32, uint8, uint16 → int32          uint32, int64, uint64, duration, time64 → int64
 *   time32 → int32                               float16, float32, float64 → float64
 *   utf8, large, view → string                   binary, large, view, fixed size → bytes
 *   date, timestamp → timestamp                  decimal → decimal; of more than 38 digits string
 *   list, large list, fixed-size list → list     struct → struct
 *   arrow.json, map, union, interval, null, lists and structs of no name or no part → json
 *   dictionary → what its values are
 */
import {
  type DataType as ColumnType,
  DECIMAL_DIGITS_MAX,
  didYouMean,
  MillraceError,
  Schema as RowSchema,
  t,
} from '@millrace/core'
import {
  type DataType,
  type Decimal,
  type Dictionary,
  type Field,
  type Int,
  type List,
  type Schema,
  type Struct,
  Type,
} from 'apache-arrow'

/** What a column is read as when the user does not say. */
function columnTypeOf(field: Field): ColumnType {
  const type = naturalType(field.type, field.metadata)
  const isNullable = field.nullable || field.type.typeId === Type.Null
  return isNullable ? type.nullable() : type
}

/**
 * The columns of a source: all of them, or those of a schema that the user gives, which may read an
 * integer as a wider one, a number as float64, text as json, int64 as a number.
 * @throws SCHEMA_MISMATCH when a column that is asked for is missing or of another type.
 */
export function rowSchema(
  arrow: Schema,
  declared: RowSchema | undefined,
  where: string,
): RowSchema {
  if (declared === undefined) {
    const names = new Set(arrow.fields.map(({ name }) => name))
    if (names.size === arrow.fields.length) {
      return new RowSchema(
        arrow.fields.map(field => ({ name: field.name, type: columnTypeOf(field) })),
      )
    }
    throw mismatch(where, 'two columns have one name. Name the columns you want with `schema`.')
  }
  for (const { name, type } of declared.fields) {
    const field = arrow.fields.find(each => each.name === name)
    if (field === undefined) {
      const names = arrow.fields.map(each => each.name)
      throw mismatch(
        where,
        `there is no column ${JSON.stringify(name)}.${didYouMean(name, names)}`,
        name,
      )
    }
    const found = columnTypeOf(field)
    if (canRead(field, found, type)) continue
    throw mismatch(
      where,
      `column ${JSON.stringify(name)} is ${field.type} there, which is read as ${found}, not as ` +
        `${type}. Declare it so, and convert it in the frame.`,
      name,
    )
  }
  return withUnits(declared)
}

/** The files say the unit of their times: none is doubted for its size. */
export function withUnits(declared: RowSchema): RowSchema {
  if (!declared.fields.some(({ type }) => hasNoUnit(type))) return declared
  const fields = declared.fields.map(({ name, type }) => {
    if (!hasNoUnit(type)) return { name, type }
    const time = t.timestamp({ unit: 'ms' })
    return { name, type: type.isNullable ? time.nullable() : time }
  })
  return new RowSchema(fields, declared.isOpen)
}

function hasNoUnit({ kind, unit }: ColumnType): boolean {
  return kind === 'timestamp' && unit === undefined
}

function canRead(field: Field, found: ColumnType, wanted: ColumnType): boolean {
  if (found.isNullable && !wanted.isNullable) return false
  if (found.kind === 'decimal') {
    const isExact = wanted.kind === 'decimal' && wanted.hasRoomFor(found)
    return isExact || wanted.kind === 'string' || wanted.kind === 'float64'
  }
  if (found.kind === 'list' || found.kind === 'struct') {
    return wanted.kind === 'json' || wanted.sameKind(found)
  }
  if (found.kind === wanted.kind) return true
  if (wanted.kind === 'int64') return found.kind === 'int32'
  if (wanted.kind === 'json') return found.kind === 'string'
  if (wanted.kind === 'string') return found.kind === 'json' && isText(field.type)
  const isNumber = found.kind === 'int32' || found.kind === 'int64'
  return wanted.kind === 'float64' && (isNumber || field.type.typeId === Type.Decimal)
}

function isText({ typeId }: DataType): boolean {
  return typeId === Type.Utf8 || typeId === Type.LargeUtf8 || typeId === Type.Utf8View
}

function naturalType(type: DataType, metadata: ReadonlyMap<string, string>): ColumnType {
  switch (type.typeId) {
    case Type.Int: {
      const { bitWidth, isSigned } = type as Int
      return bitWidth < 32 || (bitWidth === 32 && isSigned) ? t.int32() : t.int64()
    }
    case Type.Float:
      return t.float64()
    case Type.Bool:
      return t.boolean()
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Utf8View:
      return metadata.get('ARROW:extension:name') === 'arrow.json' ? t.json() : t.string()
    case Type.Decimal:
      return decimalType(type as Decimal)
    case Type.Binary:
    case Type.LargeBinary:
    case Type.BinaryView:
    case Type.FixedSizeBinary:
      return t.bytes()
    case Type.Date:
    case Type.Timestamp:
      return t.timestamp({ unit: 'ms' })
    case Type.Time:
      return (type as { bitWidth?: number }).bitWidth === 32 ? t.int32() : t.int64()
    case Type.Duration:
      return t.int64()
    case Type.List:
    case Type.LargeList:
    case Type.FixedSizeList:
      return t.list(columnTypeOf((type as List).children[0] as Field))
    case Type.Struct:
      return structType(type as Struct)
    case Type.Dictionary:
      return naturalType((type as Dictionary).dictionary, metadata)
    default:
      return t.json()
  }
}

/** JSON where two fields have one name, or there is none. */
function structType({ children }: Struct): ColumnType {
  const fields = new Map(children.map(field => [field.name, columnTypeOf(field)]))
  const isStruct = fields.size === children.length && fields.size > 0
  return isStruct ? t.struct(Object.fromEntries(fields)) : t.json()
}

/** Text where it has more digits than a column, or none behind a point that is further left. */
export function decimalType({
  precision,
  scale,
}: Pick<Decimal, 'precision' | 'scale'>): ColumnType {
  const isFit = precision <= DECIMAL_DIGITS_MAX && scale >= 0 && scale <= precision
  return isFit ? t.decimal(precision, scale) : t.string()
}

function mismatch(where: string, text: string, field?: string): MillraceError {
  return new MillraceError('SCHEMA_MISMATCH', `${where}: ${text}`, { field })
}
