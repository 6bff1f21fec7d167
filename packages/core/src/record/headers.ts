/**
 * One record header: a name and bytes. Kafka allows duplicates of a name and null values; order
 * counts.
 */
export interface Header {
  readonly name: string
  readonly value: Uint8Array | null
}

/** The headers of a record, in order. */
export type Headers = readonly Header[]

export const NO_HEADERS: Headers = Object.freeze([])
