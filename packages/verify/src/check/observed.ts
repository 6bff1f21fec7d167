/** A record of an output topic, as a result that can be compared with an expected one. */
import type { ClientRecord } from '../kafka-client.ts'
import { purchaseText, type Result } from './expected.ts'

export interface Observed extends Omit<Result, 'rank'> {
  readonly partition: number
  readonly offset: number
}

export type Read = (record: ClientRecord) => Observed

/** A purchase that was passed on as it was. */
export const readPurchase: Read = record =>
  read(record, row => ({
    id: `${row.seq}`,
    content: purchaseText(row as never),
  }))

/** A row of a window; `column` is what it is grouped by. */
export function readWindow(column: string): Read {
  return record =>
    read(record, row => {
      const { window_start, window_end, n, total, least, most } = row
      const numbers = { window_start, window_end, n, total, least, most }
      const content = { [column]: row[column], ...numbers, timestamp: record.timestamp }
      return {
        id: `${row[column]} ${window_start}`,
        content: JSON.stringify(content),
      }
    })
}

function read(
  { key, value, partition, offset }: ClientRecord,
  result: (row: Record<string, unknown>) => Omit<Result, 'key' | 'rank'>,
): Observed {
  const place = { key: String(key), partition, offset }
  const text = String(value)
  try {
    return { ...result(JSON.parse(text)), ...place }
  } catch {
    return { id: `unreadable at ${partition}/${offset}`, content: text, ...place }
  }
}
