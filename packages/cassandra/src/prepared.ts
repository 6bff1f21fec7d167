/**
 * What a server says of a statement: its parameters with their types, in the order of their
 * markers, and which of them are the partition key.
 *
 * The driver asks for that itself when it executes a statement, and has no public way to ask for it
 * alone; so its own part is used. Statements it has prepared stay in the cache of the client.
 */
import { type Client, types } from 'cassandra-driver'
import type { TableName } from './cql-name.ts'
import { type CqlType, parseCqlType, SCALARS, type ScalarKind } from './cql-type.ts'
import { type PreparedMeta, type PreparedType, prepareHandler } from './driver-parts.ts'

export interface PreparedParameter {
  readonly name: string
  readonly type: CqlType
}

export interface Prepared {
  /** One per marker: a name that is used twice is there twice. */
  readonly parameters: readonly PreparedParameter[]
  /** The markers that are the partition key, in its order; empty: it is not known. */
  readonly partitionKey: readonly number[]
  readonly tables: readonly TableName[]
}

export async function prepare(client: Client, cql: string): Promise<Prepared> {
  await client.connect()
  const { loadBalancing } = (client as unknown as DriverClient).options.policies
  const { meta } = await prepareHandler.getPrepared(client, loadBalancing, cql, client.keyspace)
  return preparedOf(meta)
}

interface DriverClient {
  readonly options: { readonly policies: { readonly loadBalancing: unknown } }
}

export function preparedOf(meta: PreparedMeta): Prepared {
  const tables = new Map<string, TableName>()
  for (const { ksname = meta.keyspace, tablename = meta.table } of meta.columns) {
    if (ksname === undefined || tablename === undefined) continue
    tables.set(`${ksname}.${tablename}`, { keyspace: ksname, table: tablename })
  }
  return {
    parameters: meta.columns.map(({ name, type }) => ({ name, type: typeOf(type) })),
    partitionKey: meta.partitionKeys ?? [],
    tables: [...tables.values()],
  }
}

const CODES = types.dataTypes as unknown as Readonly<Record<string, number>>
const SCALAR_CODES = new Map<number, ScalarKind>([
  ...SCALARS.map((kind): [number, ScalarKind] => [CODES[kind] as number, kind]),
  [CODES.varchar as number, 'text'],
])

/** From the driver's form of a type. Whether it is frozen is not said, nor does a value need it. */
function typeOf({ code, info }: PreparedType): CqlType {
  const scalar = SCALAR_CODES.get(code)
  if (scalar !== undefined) return { kind: scalar }
  switch (code) {
    case CODES.list:
    case CODES.set:
      return {
        kind: code === CODES.list ? 'list' : 'set',
        item: typeOf(info as PreparedType),
        isFrozen: false,
      }
    case CODES.map: {
      const [key, value] = info as [PreparedType, PreparedType]
      return { kind: 'map', key: typeOf(key), value: typeOf(value), isFrozen: false }
    }
    case CODES.tuple:
      return { kind: 'tuple', items: (info as PreparedType[]).map(typeOf) }
    case CODES.udt: {
      const { name, fields } = info as {
        readonly name: string
        readonly fields: readonly { readonly name: string; readonly type: PreparedType }[]
      }
      const typed = fields.map(field => ({ name: field.name, type: typeOf(field.type) }))
      return { kind: 'udt', name, fields: typed, isFrozen: false }
    }
    default:
      return classType(String(info))
  }
}

/** Types that older drivers and protocols know by the name of a Java class alone. */
const CLASSES: Readonly<Record<string, string>> = {
  AsciiType: 'ascii',
  BooleanType: 'boolean',
  ByteType: 'tinyint',
  BytesType: 'blob',
  DecimalType: 'decimal',
  DoubleType: 'double',
  DurationType: 'duration',
  FloatType: 'float',
  InetAddressType: 'inet',
  Int32Type: 'int',
  IntegerType: 'varint',
  LongType: 'bigint',
  ShortType: 'smallint',
  SimpleDateType: 'date',
  TimeType: 'time',
  TimeUUIDType: 'timeuuid',
  TimestampType: 'timestamp',
  UTF8Type: 'text',
  UUIDType: 'uuid',
  VectorType: 'vector',
}

/** `org.apache…VectorType(org.apache…FloatType , 3)` as `vector<float,3>`. */
function classType(text: string): CqlType {
  const name = text
    .replace(/org\.apache\.cassandra\.db\.marshal\.(\w+)/g, (all, type) => CLASSES[type] ?? all)
    .replaceAll('(', '<')
    .replaceAll(')', '>')
  const type = parseCqlType(name)
  return type.kind === 'other' ? { kind: 'other', text } : type
}
