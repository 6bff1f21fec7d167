/**
 * The columns of a frame as an Arrow schema.
 *
 * string, boolean, int32, int64, float64, bytes are utf8, bool, int32, int64, float64, binary; a
 * decimal is a decimal128 of its precision and scale; lists and structs are list and struct; a
 * timestamp is a timestamp[ms, UTC], since it is a point in time; json is utf8 with the canonical
 * extension type `arrow.json`. Nullability is that of the column. Text columns named in
 * `dictionary` are dictionaries of utf8 with int32 indices.
 */
import {
  type DataType as Column,
  MillraceError,
  type Schema as RowSchema,
  type TypeKind,
} from '@millrace/core'
import {
  Binary,
  Bool,
  type DataType,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
} from 'apache-arrow'

export interface ArrowSchemaOptions {
  /** Text columns of few different values: each value is stored once in a file or table. */
  readonly dictionary?: readonly string[]
  /** Key-value metadata of the schema. */
  readonly metadata?: Readonly<Record<string, string>>
}

const JSON_EXTENSION: ReadonlyMap<string, string> = new Map([
  ['ARROW:extension:name', 'arrow.json'],
  ['ARROW:extension:metadata', ''],
])

const TYPES: { readonly [K in TypeKind]: (type: Column) => DataType } = {
  string: () => new Utf8(),
  boolean: () => new Bool(),
  int32: () => new Int32(),
  int64: () => new Int64(),
  float64: () => new Float64(),
  decimal: ({ precision, scale }) => new Decimal(scale, precision, 128),
  timestamp: () => new TimestampMillisecond('UTC'),
  bytes: () => new Binary(),
  list: ({ item }) => new List(fieldOf('item', item as Column)),
  struct: ({ fields }) => new Struct(fields.map(({ name, type }) => fieldOf(name, type))),
  json: () => new Utf8(),
}

/**
 * The Arrow schema of a frame's rows.
 * @throws SCHEMA_MISMATCH for open schemas, UNKNOWN_COLUMN, TYPE_MISMATCH for what is no column of
 *   text in `dictionary`.
 */
export function arrowSchema(schema: RowSchema, options: ArrowSchemaOptions = {}): Schema {
  const { dictionary = [], metadata = {} } = options
  if (schema.isOpen) {
    throw new MillraceError(
      'SCHEMA_MISMATCH',
      'Arrow data has fixed columns, and this frame has open ones. Name them first: ' +
        ".select('a', 'b'), or give the topic a schema.",
    )
  }
  for (const name of dictionary) {
    const { kind } = schema.typeOf(name)
    if (kind === 'string') continue
    throw new MillraceError(
      'TYPE_MISMATCH',
      `only text can be a dictionary; ${JSON.stringify(name)} is ${kind}. Take it out.`,
      { field: name },
    )
  }
  const fields = schema.fields.map(({ name, type }) => {
    if (!dictionary.includes(name)) return fieldOf(name, type)
    const texts = new Dictionary(new Utf8(), new Int32(), dictionary.indexOf(name))
    return new Field(name, texts, type.isNullable)
  })
  return new Schema(fields, new Map(Object.entries(metadata)))
}

function fieldOf(name: string, type: Column): Field {
  const metadata = type.kind === 'json' ? new Map(JSON_EXTENSION) : undefined
  return new Field(name, TYPES[type.kind](type), type.isNullable, metadata)
}
