/** Whether the files of a writer hold the rows that they must. */
import { fromArrow, fromParquet } from '@millrace/arrow'
import { Application, schema, t } from '@millrace/core'
import { BASE_MS, RECORDS_PER_MS } from '../peers/input-topics.ts'
import type { WriterName } from './job.ts'
import { WRITERS } from './writers.ts'

export interface Sum {
  readonly rows: number
  /** Of all amounts. */
  readonly cents: number
}

/** Of the first `records` records: writers may have taken in some more. */
export async function sumOfFiles(
  writer: WriterName,
  folder: string,
  records: number,
): Promise<Sum> {
  // Quix Streams finds types in the rows: no times in JSON, and nulls might come.
  const ts = writer === 'quix' ? t.int64().nullable() : t.timestamp()
  const Row = schema({ ts, amount: t.float64().nullable() })
  const read = WRITERS[writer].writes === 'ipc' ? fromArrow : fromParquet
  const frame = new Application({ id: 'check' }).dataframe(await read(folder, { schema: Row }))
  const rows = await frame.collect()
  const untilMs = BASE_MS + records / RECORDS_PER_MS
  const counted = rows.filter(row => Number(row.ts) < untilMs)
  const cents = counted.reduce((sum, { amount }) => sum + Math.round((amount ?? 0) * 100), 0)
  return { rows: counted.length, cents }
}
