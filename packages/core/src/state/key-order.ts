/**
 * The order of keys by their bytes.
 *
 * Perf: each key is a number: eight bytes from where the keys begin to differ, in the lowest bits
 * of which its place stands. Numbers sort without a call for each pair. Keys whose numbers differ
 * in nothing but the place are sorted once more, by what follows.
 */

/** Keys by numbers. */
export interface KeyBytes {
  readonly data: Uint8Array
  startOf(id: number): number
  sizeOf(id: number): number
}

/** Neighbours in the order so far, whose first bytes are the same. */
interface Run {
  readonly from: number
  readonly to: number
  /** Bytes in front of those they were sorted by; -1: they were not. */
  readonly before: number
}

/** Keys as numbers, sorted; in their lowest bits is the place. */
interface Heads {
  readonly words: Uint32Array
  readonly placeMask: number
}

/** Fewer are sorted by comparing. */
const FEW = 12
/** Halves of a number of 64 bits, where the low one comes first. */
const LOW = 0
const HIGH = 1

/** Places of the keys in `ids`, in the order of their bytes; no key is there twice. */
export function keyOrder(ids: Int32Array, keys: KeyBytes): Int32Array {
  const order = new Int32Array(ids.length)
  for (let place = 0; place < order.length; place++) order[place] = place
  const runs: Run[] = [{ from: 0, to: ids.length, before: -1 }]
  for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
    const { from, to, before } = run
    const part = order.subarray(from, to)
    const at = part.length <= FEW ? before : commonBytes(part, ids, keys)
    // One of them ends there: to numbers it is the same as one that goes on with zeros.
    if (at === before) sortByComparing(part, ids, keys)
    else {
      const heads = sortByHeads(part, ids, keys, at)
      for (const [first, last] of equalHeads(heads)) {
        runs.push({ from: from + first, to: from + last, before: at })
      }
    }
  }
  return order
}

/** How many bytes all of them begin with. */
function commonBytes(places: Int32Array, ids: Int32Array, keys: KeyBytes): number {
  const { data } = keys
  const firstId = ids[places[0] as number] as number
  const first = keys.startOf(firstId)
  let common = keys.sizeOf(firstId)
  for (let i = 1; i < places.length; i++) {
    const id = ids[places[i] as number] as number
    const start = keys.startOf(id)
    const size = Math.min(common, keys.sizeOf(id))
    let same = 0
    while (same < size && data[first + same] === data[start + same]) same++
    common = same
  }
  return common
}

/** Sorts places by eight bytes of their keys, less the bits of the place. */
function sortByHeads(places: Int32Array, ids: Int32Array, keys: KeyBytes, at: number): Heads {
  const { length } = places
  const { data } = keys
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  const heads = new BigUint64Array(length)
  const words = new Uint32Array(heads.buffer)
  const placeMask = 2 ** Math.ceil(Math.log2(length)) - 1
  for (let i = 0; i < length; i++) {
    const id = ids[places[i] as number] as number
    const start = keys.startOf(id) + at
    const size = keys.sizeOf(id) - at
    words[i * 2 + HIGH] = word(view, start, size)
    words[i * 2 + LOW] = (word(view, start + 4, size - 4) & ~placeMask) | i
  }
  heads.sort()
  const before = places.slice()
  for (let i = 0; i < length; i++) {
    places[i] = before[(words[i * 2 + LOW] as number) & placeMask] as number
  }
  return { words, placeMask }
}

/** Four bytes as a number, those beyond the end as 0. */
function word(data: DataView, start: number, size: number): number {
  if (size >= 4) return data.getUint32(start)
  let value = 0
  for (let i = 0; i < 4; i++) value = (value << 8) | (i < size ? data.getUint8(start + i) : 0)
  return value
}

/** Where numbers are the same but for their places. */
function equalHeads({ words, placeMask }: Heads): [from: number, to: number][] {
  const runs: [number, number][] = []
  const count = words.length / 2
  let from = 0
  for (let i = 1; i <= count; i++) {
    const isSame =
      i < count &&
      words[i * 2 + HIGH] === words[from * 2 + HIGH] &&
      (((words[i * 2 + LOW] as number) ^ (words[from * 2 + LOW] as number)) & ~placeMask) === 0
    if (isSame) continue
    if (i - from > 1) runs.push([from, i])
    from = i
  }
  return runs
}

function sortByComparing(places: Int32Array, ids: Int32Array, keys: KeyBytes): void {
  if (places.length < 2) return
  places.sort((left, right) => compare(keys, ids[left] as number, ids[right] as number))
}

function compare(keys: KeyBytes, left: number, right: number): number {
  const { data } = keys
  const leftSize = keys.sizeOf(left)
  const rightSize = keys.sizeOf(right)
  const size = Math.min(leftSize, rightSize)
  const leftAt = keys.startOf(left)
  const rightAt = keys.startOf(right)
  for (let i = 0; i < size; i++) {
    const difference = (data[leftAt + i] as number) - (data[rightAt + i] as number)
    if (difference !== 0) return difference
  }
  return leftSize - rightSize
}
