/** What is known of a slot: bits. */

/** Has a value. */
export const LIVE = 1
/** Differs from what was sealed last. */
export const CHANGED = 2
/** Was sealed and is not in the space yet. */
export const SEALED = 4
/** Was sealed or loaded: others know of it. */
export const STORED = 8
/** Was asked for since memory was last short. */
export const USED = 16
/** In its bucket. */
export const IN = 32
export const HOT: number = LIVE | CHANGED | USED
export const HELD: number = CHANGED | SEALED
