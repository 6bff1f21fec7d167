import { BodyPool } from '../body-pool.ts'

/** The bodies of batches that were inflated, of all readers of a thread. */
export const inflatedBodies: BodyPool = new BodyPool()
