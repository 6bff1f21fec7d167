/**
 * The contract of stores of whole objects (a local folder, an S3-compatible service), for file
 * sinks and sources.
 *
 * An object is there whole or not at all, whenever a process dies: `put` and `rename` take effect
 * in one step and are durable when they resolve. Names are relative (`checkObjectName`). Memory is
 * bounded by the caller: an object is put from bytes at hand, read by range and listed by page.
 * `testObjectStore` is the exam.
 */
import { MillraceError } from '../errors.ts'
import { describeValue } from '../schema/refusal.ts'

export interface ListPage {
  /** Only names behind this one, the last name of the page before. */
  readonly after?: string
  /** At most so many names, 1 to 1,000. Default 1,000. */
  readonly limit?: number
}

/**
 * All methods throw INVALID_ARGUMENT for a name that is none, and OBJECT_STORE_FAILED when the
 * store is full, read-only or away; then nothing is half done under any name.
 */
export interface ObjectStore {
  /** For errors: the folder, the bucket. */
  readonly name: string
  /**
   * Writes a whole object; an existing one is replaced. The bytes are the caller's again when it
   * has settled, so a store does not keep them.
   */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Bytes of an object; null when there is none. */
  size(name: string): Promise<number | null>
  /**
   * Bytes from `start` (inclusive) to `end` (exclusive), fewer where the object ends before; null
   * when there is no such object.
   */
  get(name: string, start: number, end: number): Promise<Uint8Array | null>
  /**
   * Makes an object appear under another name; an existing one is replaced. Where a store can't do
   * both in one step, a crash may leave it under both names, never under none.
   * @throws OBJECT_MISSING when there is no object `from`.
   */
  rename(from: string, to: string): Promise<void>
  /** Names that begin with a prefix, ascending by their characters. */
  list(prefix: string, page?: ListPage): Promise<string[]>
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>
  /**
   * Removes what crashed calls of `put` left behind for names with this prefix: never seen by the
   * other methods, but taking room. Only for names before `before`, when it is given. The caller is
   * the only one that writes such names.
   */
  sweep(prefix: string, before?: string): Promise<void>
}

/** The longest name; services allow 1,024. */
const OBJECT_NAME_LENGTH_MAX = 900
/** The longest part between two slashes; file systems allow 255, a store adds to it. */
const PART_LENGTH_MAX = 200
const LIST_LIMIT_MAX = 1_000
const PART = /^[A-Za-z0-9_.=+,@%-]+$/

/**
 * A name is parts with `/` between them; a part is letters of ASCII, digits and `_ . = + , @ % -`,
 * and is neither `.` nor `..`: so it means the same in every store and never leaves a folder.
 * @throws INVALID_ARGUMENT
 */
export function checkObjectName(name: string): void {
  const fault = typeof name === 'string' ? faultOf(name) : 'text is needed'
  if (fault === null) return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `${describeValue(name)} is no name of an object: ${fault}. A name is parts with / between ` +
      'them, each of letters, digits and _ . = + , @ % - only.',
  )
}

/** Whether `checkObjectName` would let it pass; for what lies in a store beside its objects. */
export function isObjectName(name: string): boolean {
  return faultOf(name) === null
}

/**
 * A prefix is the beginning of a name, the empty one included.
 * @throws INVALID_ARGUMENT
 */
export function checkObjectPrefix(prefix: string): void {
  if (prefix !== '') checkObjectName(`${prefix}0`)
}

/**
 * For `get`.
 * @throws INVALID_ARGUMENT
 */
export function checkRange(start: number, end: number): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start <= end) return
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `a range of bytes is two whole numbers, 0 <= start <= end; got ${start} to ${end}.`,
  )
}

/**
 * How many names a page of `list` has at most.
 * @throws INVALID_ARGUMENT
 */
export function listLimit({ limit = LIST_LIMIT_MAX }: ListPage): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= LIST_LIMIT_MAX) return limit
  throw new MillraceError(
    'INVALID_ARGUMENT',
    `a page has 1 to ${LIST_LIMIT_MAX} names; got limit ${describeValue(limit)}.`,
  )
}

/** All names with a prefix, page by page. */
export async function* allNames(store: ObjectStore, prefix: string): AsyncGenerator<string> {
  let after: string | undefined
  for (;;) {
    const names = await store.list(prefix, after === undefined ? {} : { after })
    yield* names
    after = names.at(-1)
    if (after === undefined) return
  }
}

function faultOf(name: string): string | null {
  if (name.length > OBJECT_NAME_LENGTH_MAX) return `it is longer than ${OBJECT_NAME_LENGTH_MAX}`
  for (const part of name.split('/')) {
    if (part === '') return 'it has an empty part (or is absolute)'
    if (part === '.' || part === '..') return `it has a part ${part}`
    if (part.length > PART_LENGTH_MAX) return `a part is longer than ${PART_LENGTH_MAX}`
    if (!PART.test(part)) return `${describeValue(part)} has other characters`
  }
  return null
}
