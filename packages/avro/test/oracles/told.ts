/**
 * Values as oracle.py and Oracle.java tell them: each with its kind, so that what differs only in
 * JavaScript (a bigint, a number) is equal and what is lost in JSON (NaN, -0, bytes) is not.
 */
import type { AvroType } from '../../src/avro-schema/avro-type.ts'
import { branchOf, EXACT_FORM } from '../../src/codec/value-form.ts'

export function told(type: AvroType, value: unknown): unknown {
  switch (type.kind) {
    case 'null':
    case 'boolean':
      return value
    case 'int':
    case 'long':
      return toldWhole(type, value as number | bigint)
    case 'float':
    case 'double':
      return { d: Number.isNaN(value) ? 'nan' : doubleHex(value as number) }
    case 'string':
    case 'enum':
      return { s: value }
    case 'bytes':
    case 'fixed':
      return toldBytes(value)
    case 'array':
      return (value as unknown[]).map(item => told(type.items, item))
    case 'map':
      return sorted(Object.entries(value as object).map(([key, v]) => [key, told(type.values, v)]))
    case 'record':
      return sorted(
        type.fields.map(({ name, type: of }) => {
          return [name, told(of, (value as Record<string, unknown>)[name])]
        }),
      )
    case 'union': {
      const branch = branchOf(type, value, EXACT_FORM)
      if (branch === null) throw new Error('the value is of no branch')
      return told(type.branches[branch.index] as AvroType, branch.value)
    }
  }
}

const MICROS: Readonly<Record<string, bigint>> = {
  'time-millis': 1_000n,
  'time-micros': 1n,
  'timestamp-millis': 1_000n,
  'timestamp-micros': 1n,
  'local-timestamp-millis': 1_000n,
  'local-timestamp-micros': 1n,
}

function toldWhole(
  type: AvroType & { readonly logical?: unknown },
  value: number | bigint,
): object {
  const { kind = '' } = (type.logical ?? {}) as { readonly kind?: string }
  const micros = MICROS[kind]
  return micros === undefined ? { i: String(value) } : { us: String(BigInt(value) * micros) }
}

function toldBytes(value: unknown): object {
  if (typeof value === 'string') return { s: value }
  if (value instanceof Uint8Array) return { b: Buffer.from(value).toString('hex') }
  const { months, days, milliseconds } = value as Record<string, number>
  const bytes = Buffer.alloc(12)
  for (const [i, part] of [months, days, milliseconds].entries()) {
    bytes.writeUInt32LE(part as number, i * 4)
  }
  return { b: bytes.toString('hex') }
}

function doubleHex(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value)
  return bytes.toString('hex')
}

function sorted(entries: unknown[][]): object {
  return {
    m: entries.sort(([a], [b]) =>
      Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)),
    ),
  }
}
