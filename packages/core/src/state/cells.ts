/**
 * The values of a store: where they are kept, by the slots of their entries, and their stored form.
 */
import type { ByteReader } from '../util/byte-reader.ts'
import type { ByteWriter } from '../util/byte-writer.ts'

/**
 * What a value takes in memory: so much, and so much for each byte of its stored form; nothing for
 * these where it is in arrays.
 */
export interface ValueWeight {
  readonly bytes: number
  readonly perByte: number
}

export interface Cells {
  /** What a value takes. */
  readonly weight: ValueWeight
  /** Room for slots below `capacity`; what is there stays. */
  resize(capacity: number): void
  /** A value begins, whatever was there before. */
  init(slot: number): void
  /** The value has ended. */
  clear(slot: number): void
  write(slot: number, out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN */
  read(slot: number, from: ByteReader): void
}

/** The stored form of a value that is an object. */
export interface ValueCodec<V> {
  write(value: V, out: ByteWriter): void
  /** @throws FORMAT_UNKNOWN */
  read(from: ByteReader): V
  /** Missing: that of an object nobody has measured. */
  readonly weight?: ValueWeight
}

const WEIGHT: ValueWeight = { bytes: 64, perByte: 4 }

/** Values that are objects; undefined until they are set. */
export class ValueCells<V> implements Cells {
  readonly weight: ValueWeight
  readonly #codec: ValueCodec<V>
  readonly #values: (V | undefined)[] = []

  constructor(codec: ValueCodec<V>) {
    this.#codec = codec
    this.weight = codec.weight ?? WEIGHT
  }

  get(slot: number): V {
    return this.#values[slot] as V
  }

  set(slot: number, value: V): void {
    this.#values[slot] = value
  }

  resize(capacity: number): void {
    for (let slot = this.#values.length; slot < capacity; slot++) this.#values.push(undefined)
  }

  init(): void {}

  clear(slot: number): void {
    this.#values[slot] = undefined
  }

  write(slot: number, out: ByteWriter): void {
    this.#codec.write(this.get(slot), out)
  }

  read(slot: number, from: ByteReader): void {
    this.#values[slot] = this.#codec.read(from)
  }
}
