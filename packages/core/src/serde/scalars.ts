/**
 * The serdes of one cell, in the forms of Kafka's own serializers.
 *
 * Each is one frozen description. Text and bytes are decoded as ranges of the batch, numbers cell
 * by cell.
 */
import { t } from '../schema/data-type.ts'
import { Refusal } from '../schema/refusal.ts'
import { withRangeDecoder } from './range-decoder.ts'
import { type ScalarSerde, scalarSerde } from './scalar-serde.ts'
import { utf8Text } from './utf8-text.ts'

const STRING: ScalarSerde<string> = withRangeDecoder(
  scalarSerde({
    name: 'string',
    type: t.string(),
    decode: utf8Text,
    encode: (cell, out) => out.text(cell),
  }),
)

const BYTES: ScalarSerde<Uint8Array> = withRangeDecoder(
  scalarSerde<Uint8Array>({
    name: 'bytes',
    type: t.bytes(),
    decode: (data, start, end) => data.subarray(start, end),
    encode: (cell, out) => out.bytes(cell),
  }),
)

const INTEGER: ScalarSerde<number> = scalarSerde<number>({
  name: 'integer',
  type: t.int32(),
  decode: (data, start, end) =>
    end - start === 4 ? data.readInt32BE(start) : wrong(4, start, end),
  encode: (cell, out) => out.int32(cell),
})

const LONG: ScalarSerde<bigint> = scalarSerde<bigint>({
  name: 'long',
  type: t.int64(),
  accepts: ['int32', 'timestamp'],
  decode: (data, start, end) =>
    end - start === 8 ? data.readBigInt64BE(start) : wrong(8, start, end),
  encode: (cell, out) => out.int64(cell),
})

const DOUBLE: ScalarSerde<number> = scalarSerde<number>({
  name: 'double',
  type: t.float64(),
  accepts: ['int32'],
  decode: (data, start, end) =>
    end - start === 8 ? data.readDoubleBE(start) : wrong(8, start, end),
  // A computed NaN has the sign the processor gave it; equal keys must be equal bytes.
  encode: (cell, out) => out.float64(Number.isNaN(cell) ? Number.NaN : cell),
})

function wrong(size: number, start: number, end: number): Refusal {
  return new Refusal('DECODE_FAILED', `${size} bytes`, `${end - start} bytes`)
}

/** UTF-8 text, as Kafka's StringSerializer writes it. */
export function string(): ScalarSerde<string> {
  return STRING
}

/** Bytes as they are. */
export function bytes(): ScalarSerde<Uint8Array> {
  return BYTES
}

/** Four bytes, big-endian, as Kafka's IntegerSerializer writes them. */
export function integer(): ScalarSerde<number> {
  return INTEGER
}

/** Eight bytes, big-endian, as Kafka's LongSerializer writes them; a cell is a bigint. */
export function long(): ScalarSerde<bigint> {
  return LONG
}

/** Eight bytes, an IEEE double big-endian, as Kafka's DoubleSerializer writes them. */
export function double(): ScalarSerde<number> {
  return DOUBLE
}
