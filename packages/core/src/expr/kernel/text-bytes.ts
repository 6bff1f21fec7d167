/**
 * Text compared as the UTF-8 bytes it is stored in: equal bytes are equal text, and the order of
 * bytes is that of code points (`compare.ts`). Called by generated code, once per record.
 */

export function equalBytes(
  left: Uint8Array,
  leftStart: number,
  right: Uint8Array,
  rightStart: number,
  size: number,
): boolean {
  for (let i = 0; i < size; i++) {
    if (left[leftStart + i] !== right[rightStart + i]) return false
  }
  return true
}

/** Negative, zero or positive. */
export function orderOfBytes(
  left: Uint8Array,
  leftStart: number,
  leftSize: number,
  right: Uint8Array,
  rightStart: number,
  rightSize: number,
): number {
  const size = Math.min(leftSize, rightSize)
  for (let i = 0; i < size; i++) {
    const order = (left[leftStart + i] as number) - (right[rightStart + i] as number)
    if (order !== 0) return order
  }
  return leftSize - rightSize
}

/** Code points of UTF-8 bytes: all bytes but those that continue one. */
export function codePoints(data: Uint8Array, start: number, size: number): number {
  let count = 0
  for (let i = start; i < start + size; i++) {
    if (((data[i] as number) & 0xc0) !== 0x80) count++
  }
  return count
}
