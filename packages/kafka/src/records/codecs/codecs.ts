import type { Codec } from './codec.ts'
import { gzip } from './gzip.ts'
import { lz4 } from './lz4.ts'
import { snappy } from './snappy.ts'
import { zstd } from './zstd.ts'

/** By the number in the attributes of a batch; null = not compressed. */
export const CODECS: readonly (Codec | null)[] = [null, gzip, snappy, lz4, zstd]
