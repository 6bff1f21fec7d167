/** A record of an output topic, as a result that can be compared with an expected one. */
import type { ClientRecord } from '../kafka-client.ts'
import { purchaseText } from './expected.ts'
import type { Result } from './result.ts'

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
    read(record, row => ({
      id: idOf(row, column),
      content: `${windowText(row, column)} at ${record.timestamp}`,
    }))
}

/** A burst of purchases of a user. */
export const readBurst: Read = record =>
  read(record, ({ user, number, n, total, ever }) => ({
    id: `${user} ${number}`,
    content: `${JSON.stringify({ user, number, n, total, ever })} at ${record.timestamp}`,
  }))

/** A record that could not be read, as it was. */
export const readBroken: Read = ({ key, value, partition, offset }) => {
  const content = String(value)
  return { id: content, key: String(key), content, partition, offset }
}

/** A line of a file. */
export function readWindowLine(column: string, line: string, offset: number): Observed {
  const row = JSON.parse(line) as Record<string, unknown>
  const key = String(row[column])
  return { id: idOf(row, column), key, content: windowText(row, column), partition: 0, offset }
}

function idOf(row: Record<string, unknown>, column: string): string {
  return `${row[column]} ${row.window_start}`
}

function windowText(row: Record<string, unknown>, column: string): string {
  const { window_start, window_end, n, total, least, most } = row
  return JSON.stringify({ [column]: row[column], window_start, window_end, n, total, least, most })
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
