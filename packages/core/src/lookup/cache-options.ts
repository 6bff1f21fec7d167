/** How many rows are kept of those that were found, and how long. */
export interface LookupCacheOptions {
  readonly rowsMax: number
  readonly keepMs: number
  /** Of keys that have no row. */
  readonly keepMissingMs: number
}
