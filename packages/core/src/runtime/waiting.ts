/** Awaits what ends by time or by what other processes do, and lets the run say so meanwhile. */
export type Waiting = <T>(promise: Promise<T>) => Promise<T>
