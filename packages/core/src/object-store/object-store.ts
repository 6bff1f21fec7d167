/**
 * The contract of stores of whole objects (a local folder, an S3-compatible service), for file
 * sinks and sources.
 *
 * Names are relative, `/`-separated, without `.` or `..` parts. `put` is atomic: a reader sees the
 * whole object or none.
 */
export interface ObjectStore {
  readonly name: string
  /** Writes a whole object; an existing one is replaced. */
  put(name: string, bytes: Uint8Array): Promise<void>
  /** Bytes from `start` (inclusive) to `end` (exclusive); null when there is no such object. */
  get(name: string, start?: number, end?: number): Promise<Uint8Array | null>
  /** Makes an object appear under another name, in one step. */
  rename(from: string, to: string): Promise<void>
  /** Names that begin with a prefix, ascending. */
  list(prefix: string): Promise<string[]>
  /** Removing what is not there is no error. */
  remove(name: string): Promise<void>
}
