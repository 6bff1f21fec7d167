import type { Compressors } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'

/** A page that says it is larger is taken for damage. */
const PAGE_BYTES_MAX = 256 * 1024 * 1024

/** Codecs of Parquet pages that take no memory for pages that are too large, or empty. */
export const COMPRESSORS: Compressors = Object.fromEntries(
  Object.entries(compressors).map(([name, inflate]) => [
    name,
    (input: Uint8Array, outputLength: number) => {
      if (outputLength === 0) return new Uint8Array(0)
      if (outputLength > 0 && outputLength <= PAGE_BYTES_MAX) return inflate(input, outputLength)
      throw new Error(
        `a page would have ${outputLength} bytes; at most ${PAGE_BYTES_MAX} are taken`,
      )
    },
  ]),
)
