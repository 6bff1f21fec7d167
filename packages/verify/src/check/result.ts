/** One output that must be there. */
export interface Result {
  /** Tells it from all others of its kind. */
  readonly id: string
  /** The record key: its order among results of the same key counts. */
  readonly key: string
  /** Its place among the results of its key. */
  readonly rank: number
  /** Everything that must be equal, as text. */
  readonly content: string
}
