import type { StateEntry } from '@millrace/core'
import type { Change } from './engine.ts'
import { CHECK_BYTES, writeCheck } from './sealed-value.ts'

/**
 * Entries as changes of the database: keys behind the prefix, values with their checks, all in one
 * piece of memory. `bytes` are those of keys and values alone.
 */
export function changesOf(
  prefix: Buffer,
  entries: readonly StateEntry[],
): { readonly changes: Change[]; readonly bytes: number } {
  let bytes = 0
  const parts = entries.map(({ key, value }) => {
    bytes += key.length + (value?.length ?? 0)
    return { key, value }
  })
  const all = Buffer.allocUnsafe(bytes + entries.length * (prefix.length + CHECK_BYTES))
  let at = 0
  const put = (part: Uint8Array): void => {
    all.set(part, at)
    at += part.length
  }
  const changes = parts.map(({ key, value }): Change => {
    const from = at
    put(prefix)
    put(key)
    const own = all.subarray(from, at)
    if (value === null) return { type: 'del', key: own }
    const valueFrom = at
    put(value)
    at = writeCheck(all, from, at)
    return { type: 'put', key: own, value: all.subarray(valueFrom, at) }
  })
  return { changes, bytes }
}
