/**
 * How much is written and not acknowledged: what flushes wait for, and what `write` asks to wait
 * for when it is too much.
 */
export class Unacknowledged {
  readonly #bytesMax: number
  #bytes = 0
  /** Number of the next flush. */
  #flush = 0
  /** Batches that each flush waits for. */
  readonly #batches = new Map<number, number>()
  #waiters: (() => void)[] = []
  #room: Promise<void> | null = null
  #onRoom: () => void = () => {}

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** Number of the flush that a batch sealed now belongs to. */
  get flush(): number {
    return this.#flush
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  sealed(flush: number): void {
    this.#batches.set(flush, (this.#batches.get(flush) ?? 0) + 1)
  }

  acknowledged(flush: number, bytes: number): void {
    this.#bytes -= bytes
    const left = (this.#batches.get(flush) ?? 0) - 1
    if (left > 0) this.#batches.set(flush, left)
    else this.#batches.delete(flush)
  }

  /** Somebody waits for room. */
  get isFull(): boolean {
    return this.#room !== null
  }

  /** Undefined: there is room. */
  room(): Promise<void> | undefined {
    if (this.#bytes <= this.#bytesMax) return undefined
    this.#room ??= new Promise(resolve => {
      this.#onRoom = resolve
    })
    return this.#room
  }

  /** Begins a flush, and gives its number. */
  beginFlush(): number {
    return this.#flush++
  }

  /** All of this flush and those before it is acknowledged. */
  isDone(flush: number): boolean {
    for (const each of this.#batches.keys()) if (each <= flush) return false
    return true
  }

  /** Resolves when something may have changed. */
  changed(): Promise<void> {
    return new Promise(resolve => this.#waiters.push(resolve))
  }

  /** Tells those who wait. */
  tell(): void {
    if (this.#room !== null && this.#bytes <= this.#bytesMax / 2) {
      this.#room = null
      this.#onRoom()
    }
    const waiters = this.#waiters
    this.#waiters = []
    for (const tell of waiters) tell()
  }

  /** Nothing is waited for any more. */
  drop(): void {
    this.#bytes = 0
    this.#batches.clear()
    this.tell()
  }
}
