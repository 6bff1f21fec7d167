/**
 * Bitmaps as Arrow lays them out: bit i is bit (i mod 8) of byte i / 8, least significant first.
 */

export function bitmapBytes(bitCount: number): number {
  return (bitCount + 7) >>> 3
}

export function getBit(bitmap: Uint8Array, index: number): boolean {
  return (((bitmap[index >>> 3] as number) >>> (index & 7)) & 1) === 1
}

export function setBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3] = (bitmap[index >>> 3] as number) | (1 << (index & 7))
}

export function clearBit(bitmap: Uint8Array, index: number): void {
  bitmap[index >>> 3] = (bitmap[index >>> 3] as number) & ~(1 << (index & 7))
}
