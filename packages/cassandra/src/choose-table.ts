import { type Batch, didYouMean, MillraceError } from '@millrace/core'
import { restValue } from './cell-encoder.ts'
import { describe } from './cql-refusal.ts'
import type { RowTargets } from './row-target.ts'

/** Tells by a column which table each record is for: the place of its name among `names`. */
export function tableChooser(
  choose: string,
  names: readonly string[],
): NonNullable<RowTargets['chooser']> {
  const places = new Map(names.map((name, place) => [name, place]))
  return (batch: Batch) => {
    const column = batch.columns[batch.schema.indexOf(choose)]
    return index => {
      const name = column === undefined ? restValue(batch, choose, index) : column.get(index)
      const place = places.get(name as string)
      if (place !== undefined) return place
      const near = typeof name === 'string' ? didYouMean(name, names) : ''
      throw new MillraceError(
        'SINK_FAILED',
        `the record is for table ${describe(name)}, which is none of ${names.join(', ')}.${near}`,
        { field: choose },
      )
    }
  }
}
