import type { AvroType, RecordType } from '../avro-schema/avro-type.ts'

const SIZE_MAX = 2 ** 30
const known = new WeakMap<RecordType, number>()

/** Bytes that a value of a type takes at least. */
export function sizeMin(type: AvroType): number {
  switch (type.kind) {
    case 'null':
      return 0
    case 'float':
      return 4
    case 'double':
      return 8
    case 'fixed':
      return type.size
    case 'record':
      return recordSizeMin(type)
    default:
      return 1
  }
}

function recordSizeMin(type: RecordType): number {
  const before = known.get(type)
  if (before !== undefined) return before
  // While its fields are looked at. A record that holds itself can never be written at all.
  known.set(type, 0)
  let size = 0
  for (const field of type.fields) size = Math.min(SIZE_MAX, size + sizeMin(field.type))
  known.set(type, size)
  return size
}
