/**
 * avsc as an oracle, in this process. Its longs are made bigints and its unions say their branch,
 * so that nothing is lost before it is compared; logical types it has none of.
 */
import avsc from 'avsc'
import type { Oracle, Outcome } from './oracle.ts'

const LONG = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: BigInt,
  toJSON: Number,
  isValid: (value: unknown) => typeof value === 'bigint',
  compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
})

export function avscType(schema: unknown): avsc.Type {
  const options = { registry: { long: LONG }, wrapUnions: true }
  return avsc.Type.forSchema(structuredClone(schema) as avsc.Schema, options)
}

export const avscOracle: Oracle = async cases => {
  return cases.map(({ w, r, h }) => {
    const records = h.map(each => Buffer.from(each, 'hex'))
    return {
      w: records.map(record => outcome(() => told(avscType(w), avscType(w).fromBuffer(record)))),
      r: records.map(record =>
        outcome(() => {
          const reader = avscType(r)
          return told(reader, reader.fromBuffer(record, reader.createResolver(avscType(w))))
        }),
      ),
      b: records.map(record =>
        outcome(() => avscType(w).toBuffer(avscType(w).fromBuffer(record)).toString('hex')),
      ),
    }
  })
}

function outcome(make: () => unknown): Outcome {
  try {
    return { v: make() }
  } catch (error) {
    return { e: `${error}`.slice(0, 200) }
  }
}

/** As `told.ts`, of avsc's types and values. */
function told(type: avsc.Type, value: unknown): unknown {
  switch (type.typeName) {
    case 'int':
    case 'abstract:long':
      return { i: String(value) }
    case 'float':
    case 'double': {
      const bytes = Buffer.alloc(8)
      bytes.writeDoubleBE(value as number)
      return { d: Number.isNaN(value) ? 'nan' : bytes.toString('hex') }
    }
    case 'string':
    case 'enum':
      return { s: value }
    case 'bytes':
    case 'fixed':
      return { b: Buffer.from(value as Uint8Array).toString('hex') }
    case 'array': {
      const { itemsType } = type as avsc.types.ArrayType
      return (value as unknown[]).map(item => told(itemsType, item))
    }
    case 'map': {
      const { valuesType } = type as avsc.types.MapType
      return sorted(Object.entries(value as object).map(([key, v]) => [key, told(valuesType, v)]))
    }
    case 'record': {
      const { fields } = type as avsc.types.RecordType
      const of = value as Record<string, unknown>
      return sorted(fields.map(field => [field.name, told(field.type, of[field.name])]))
    }
    case 'union:wrapped': {
      if (value === null) return null
      const [[branch, inner]] = Object.entries(value as object) as [[string, unknown]]
      const { types } = type as avsc.types.WrappedUnionType
      return told(types.find(each => each.branchName === branch) as avsc.Type, inner)
    }
    default:
      return value
  }
}

function sorted(entries: unknown[][]): object {
  const bytes = (entry: unknown[]) => Buffer.from(entry[0] as string)
  return { m: entries.sort((a, b) => Buffer.compare(bytes(a), bytes(b))) }
}
