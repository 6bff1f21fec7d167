/**
 * Keys as bytes: their hash, and whether two are the same. The hash has a seed, so that nobody can
 * choose keys that collide.
 */
const SEED = (Math.random() * 2 ** 32) | 0
/** Odd. */
const SECRET = (Math.random() * 2 ** 32) | 1

export function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.byteLength)
}

/**
 * Perf: four bytes at a time, the last four once more where they do not come out even; by single
 * bytes it took 1.6 times as long.
 */
export function isSame(
  left: DataView,
  leftAt: number,
  right: DataView,
  rightAt: number,
  size: number,
): boolean {
  if (size < 4) {
    for (let i = 0; i < size; i++) {
      if (left.getUint8(leftAt + i) !== right.getUint8(rightAt + i)) return false
    }
    return true
  }
  const last = size - 4
  for (let i = 0; i < last; i += 4) {
    if (left.getInt32(leftAt + i, true) !== right.getInt32(rightAt + i, true)) return false
  }
  return left.getInt32(leftAt + last, true) === right.getInt32(rightAt + last, true)
}

/**
 * FNV-1a over four bytes at a time. What a multiplication leaves of a difference in the greatest
 * bit does not depend on the seed, so a second one, by a number that nobody knows, follows.
 */
export function hashOf(data: DataView, start: number, size: number): number {
  let hash = SEED ^ size
  if (size < 4) {
    for (let i = start; i < start + size; i++) hash = mixed(hash, data.getUint8(i))
    return hash
  }
  const last = start + size - 4
  for (let i = start; i < last; i += 4) hash = mixed(hash, data.getInt32(i, true))
  return mixed(hash, data.getInt32(last, true))
}

function mixed(hash: number, word: number): number {
  const once = Math.imul(hash ^ word, 0x01000193)
  const twice = Math.imul(once ^ (once >>> 15), SECRET)
  return twice ^ (twice >>> 13)
}
