/**
 * From the records of a batch to rows of a table: which statement, which write time or place, and
 * the values.
 */
import type { Batch, SinkContext } from '@millrace/core'
import { placeReader } from './fence.ts'
import type { RowOwner } from './out-row.ts'
import { numberReader, type RowBinder, rowBinder } from './row-binder.ts'
import type { RowMaker } from './row-target.ts'
import type { TableWriter } from './table-writer.ts'
import { tombstoneBinder } from './tombstone.ts'

export function tableRows(
  batch: Batch,
  writer: TableWriter,
  owner: RowOwner,
  { key }: Pick<SinkContext, 'key'>,
): RowMaker {
  const { settings, plan, slab } = writer
  const parts = { batch, partitionKey: plan.partitionKey, settings, slab, owner }
  const removing = { ...parts, statement: writer.remove }
  const write = rowBinder({ ...parts, statement: writer.write })
  const remove = once(() => rowBinder(removing))
  const bury = once(() => tombstoneBinder(removing, plan, key))
  const isDeleted = deletedReader(batch, settings.deleteWhere)
  const orderOf = settings.fence === null ? timeReader(batch, writer) : placeReader(batch)
  return (index, time) => {
    const order = orderOf(index, time)
    const isTombstone = batch.isTombstone(index)
    if (isTombstone && settings.tombstones === 'ignore') return null
    const isWrite = !isTombstone && !isDeleted(index)
    const bind = isTombstone ? bury() : isWrite ? write : remove()
    return bind(index, order)
  }
}

/** The time that a row is written with: the one of the log, or a column's. */
function timeReader(
  batch: Batch,
  { settings: { writeTime } }: TableWriter,
): (index: number, time: number) => number {
  if (typeof writeTime !== 'object') return (_, time) => time
  const read = numberReader(batch, writeTime.column)
  const { schema } = batch
  const isTime =
    schema.has(writeTime.column) && schema.typeOf(writeTime.column).kind === 'timestamp'
  return (index, time) => {
    const given = read(index)
    return given === null ? time : isTime ? given * 1_000 : given
  }
}

function deletedReader(batch: Batch, name: string | null): (index: number) => boolean {
  if (name === null) return () => false
  const column = batch.columns[batch.schema.indexOf(name)]
  return index => column?.get(index) === true
}

/** Made when it is first needed. */
function once(make: () => RowBinder): () => RowBinder {
  let made: RowBinder | null = null
  return () => {
    made ??= make()
    return made
  }
}
