/**
 * What one task of an in-memory sink has written, by epoch, until it is committed.
 *
 * It lives with the sink's definition, so that it survives the task as a file would survive the
 * process: open (this epoch) → prepared (has a receipt) → taken (visible), or dropped.
 */
export class StagedEpochs<E> {
  readonly #make: () => E
  readonly #prepared = new Map<number, E>()
  #open: E

  /** @param make a new, empty epoch. */
  constructor(make: () => E) {
    this.#make = make
    this.#open = make()
  }

  /** The epoch being written. */
  get open(): E {
    return this.#open
  }

  prepare(epoch: number): void {
    this.#prepared.set(epoch, this.#open)
    this.#open = this.#make()
  }

  /** The prepared epoch, once; undefined when it was taken before. */
  take(epoch: number): E | undefined {
    const staged = this.#prepared.get(epoch)
    this.#prepared.delete(epoch)
    return staged
  }

  /** Drops what was written since the last prepared epoch, and that epoch when it is this one. */
  abort(epoch: number): void {
    this.#prepared.delete(epoch)
    this.#open = this.#make()
  }

  /** Drops everything that is still staged. */
  clear(): void {
    this.#prepared.clear()
    this.#open = this.#make()
  }
}
