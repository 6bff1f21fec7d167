/** Memory of what was read, of all readers of a thread; used again when it is done with. */
import { BodyPool } from '../body-pool.ts'

/** Of batches that were inflated. */
export const inflatedBodies: BodyPool = new BodyPool()
/** Of the positions of records. */
export const recordColumns: BodyPool = new BodyPool()
