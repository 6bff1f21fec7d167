import { type Column, canonical } from './cell.ts'
import type { Cells } from './expression-oracle.ts'

export function keyText(key: Uint8Array | null): string {
  return key === null ? 'null' : Buffer.from(key).toString('hex')
}

/** An output record as text, the same for equal records. */
export function recordText(
  key: string,
  columns: readonly Column[],
  row: Cells | null,
  time: number,
  headers: readonly string[],
): string {
  const names = columns.map(({ name }) => name).sort()
  const cells = names.map(name => `${JSON.stringify(name)}:${canonical(row?.get(name) ?? null)}`)
  const shown = row === null ? 'tombstone' : cells.join(', ')
  return `key ${key} at ${time} [${headers.join(',')}] ${shown}`
}
