/** Which records of a batch go to which slots: pairs, in two arrays. */
export class RecordSlots {
  slots: Int32Array = new Int32Array(0)
  indices: Int32Array = new Int32Array(0)
  count = 0

  /** Begins anew, with room for so many. */
  begin(pairs: number): void {
    this.count = 0
    if (this.slots.length >= pairs) return
    this.slots = new Int32Array(pairs)
    this.indices = new Int32Array(pairs)
  }

  add(slot: number, index: number): void {
    this.slots[this.count] = slot
    this.indices[this.count++] = index
  }

  /** Adds records whose slots are to be written where it says. */
  addAll(indices: Int32Array): Int32Array {
    const from = this.count
    this.indices.set(indices, from)
    this.count += indices.length
    return this.slots.subarray(from, this.count)
  }
}
