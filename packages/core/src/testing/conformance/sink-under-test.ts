/** What the questions to sinks are asked with. */
import type { Batch } from '../../batch/batch.ts'
import { t } from '../../schema/data-type.ts'
import { type Schema, schema } from '../../schema/schema.ts'
import type { Receipt, Sink, SinkDefinition } from '../../sink/sink.ts'
import { sourceBatch } from '../../source/source-batch.ts'
import { sinkContext } from '../sink-context.ts'

/** A sink to examine, fresh for each question. */
export interface SinkUnderTest {
  readonly definition: SinkDefinition
  /** The `id` column of the visible rows, in their order. */
  visible(): readonly string[] | Promise<readonly string[]>
}

export type Factory = () => SinkUnderTest | Promise<SinkUnderTest>
export type Committed = Parameters<Sink['recover']>[0]

/** Rows of the exam: `id` is what `visible` gives back. */
export const EXAM_SCHEMA: Schema = schema({
  id: t.string(),
  n: t.int32(),
  note: t.string().nullable(),
})
const PLACE = { name: 'exam', partition: 0, firstOffset: 0 }
export const TASK = '0/0'
export async function started(definition: SinkDefinition, task: string = TASK): Promise<Sink> {
  definition.check?.(EXAM_SCHEMA)
  const sink = definition.create(task)
  await sink.open(sinkContext({ schema: EXAM_SCHEMA }))
  await sink.recover([])
  return sink
}

/** The sink of a process that comes after a crash. */
export async function reopened(definition: SinkDefinition, committed: Committed): Promise<Sink> {
  const sink = definition.create(TASK)
  await sink.open(sinkContext({ schema: EXAM_SCHEMA }))
  await sink.recover(committed)
  return sink
}

export function batchOf(ids: readonly string[]): Batch {
  const records = ids.map((id, n) => ({ value: { id, n, note: n % 2 === 0 ? null : 'odd' } }))
  return sourceBatch(records, EXAM_SCHEMA, 'all', PLACE)
}

export async function write(sink: Sink, ids: readonly string[]): Promise<void> {
  await sink.write(batchOf(ids))
}

export async function finish(sink: Sink, epoch: number): Promise<Receipt> {
  const receipt = await sink.prepare(epoch)
  await sink.commit(epoch, receipt)
  return receipt
}
