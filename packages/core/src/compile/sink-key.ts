import type { CellValue } from '../batch/column.ts'
import { MillraceError } from '../errors.ts'
import type { KeyInfo } from '../plan/key-info.ts'
import { groupKeyCodec } from '../record/format/group-key.ts'
import type { Schema } from '../schema/schema.ts'
import type { ScalarSerde } from '../serde/scalar-serde.ts'
import type { SinkKey } from '../sink/sink.ts'

/** What a sink is told of the keys of its records; null = how they are written is not known. */
export function sinkKey({ columns, encoding }: KeyInfo, schema: Schema): SinkKey | null {
  if (encoding.kind === 'serde') {
    const { serde } = encoding
    return { columns, cells: key => [cellOfKey(serde, key)] }
  }
  const isKnown = columns?.every(name => schema.has(name))
  if (encoding.kind !== 'group' || columns === null || !isKnown) return null
  const codec = groupKeyCodec(columns.map(name => schema.typeOf(name)))
  return { columns, cells: key => codec.decode(key) as CellValue[] }
}

function cellOfKey(serde: ScalarSerde, key: Uint8Array): CellValue {
  const data = Buffer.from(key.buffer, key.byteOffset, key.byteLength)
  const { columns, failures } = serde.decoder('all').decode({
    data,
    start: Int32Array.of(0),
    size: Int32Array.of(key.length),
    count: 1,
  })
  const [failure] = failures
  if (failure === undefined) return columns[0]?.get(0) ?? null
  throw new MillraceError(
    'DECODE_FAILED',
    `the key is ${failure.got} where serde ${serde.name} has ${failure.expected}.`,
  )
}
