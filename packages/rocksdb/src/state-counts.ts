import type { StateStats } from '@millrace/core'

type CountName = 'keysRead' | 'keysFound' | 'entriesWritten' | 'bytesWritten'

/** What all spaces of a backend have done together. */
export type StateCounts = { -readonly [K in CountName]: StateStats[K] }
