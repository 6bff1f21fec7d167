/**
 * The exam of sinks.
 *
 * An epoch becomes visible as a whole when it is committed, once, in order; a given-up epoch never
 * does. For sinks with receipts a later process finishes what was committed and removes the rest.
 */
import type { Batch } from '../../batch/batch.ts'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import type { Sink, SinkDefinition } from '../../sink/sink.ts'
import { sourceBatch } from '../../source/source-batch.ts'
import { setBit } from '../../util/bitmap.ts'
import type { TestHooks } from './test-hooks.ts'

/** A sink to examine, fresh for each question. */
export interface SinkUnderTest {
  readonly definition: SinkDefinition
  /** The `id` column of the visible rows, in their order. */
  visible(): readonly string[] | Promise<readonly string[]>
}

export interface SinkTraits {
  /** False: rows are visible when written, and no receipt is given. Default true. */
  readonly isTwoPhase?: boolean
}

/** Rows of the exam: `id` is what `visible` gives back. */
const EXAM_SCHEMA = schema({ id: t.string(), n: t.int32(), note: t.string().nullable() })
const PLACE = { name: 'exam', partition: 0, firstOffset: 0 }
const TASK = '0/0'

/** Registers the questions with a test runner. */
export function testSink(
  hooks: TestHooks,
  factory: () => SinkUnderTest | Promise<SinkUnderTest>,
  { isTwoPhase = true }: SinkTraits = {},
): void {
  hooks.describe('sink', () => {
    testEpochs(hooks, factory)
    if (isTwoPhase) testTwoPhases(hooks, factory)
  })
}

type Factory = () => SinkUnderTest | Promise<SinkUnderTest>

function testEpochs({ test, expect }: TestHooks, factory: Factory): void {
  test('shows the rows of committed epochs in order', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    await write(sink, ['a', 'b'])
    await write(sink, ['c'])
    await finish(sink, 1)
    await finish(sink, 2)
    await write(sink, ['d'])
    await finish(sink, 3)
    expect(await visible()).toEqual(['a', 'b', 'c', 'd'])
    await sink.close()
    await sink.close()
    expect(await visible()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('takes selected records only, and tombstones without a row', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    const batch = batchOf(['a', 'b', 'c', 'd'])
    const tombstones = new Uint8Array(1)
    setBit(tombstones, 2)
    const records = { ...batch.records, tombstones }
    await sink.write(batch.with({ records, selection: Int32Array.of(0, 2, 3) }))
    await finish(sink, 1)
    expect(await visible()).toEqual(['a', 'd'])
    await sink.close()
  })

  test('keeps tasks apart', async () => {
    const { definition, visible } = await factory()
    const first = await started(definition, '0/0')
    const second = await started(definition, '0/1')
    await write(first, ['a'])
    await finish(first, 1)
    await write(second, ['b'])
    await finish(second, 1)
    expect(await visible()).toEqual(['a', 'b'])
    await first.close()
    await second.close()
  })

  test('shows an epoch once when its commit is repeated', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    await write(sink, ['a'])
    const receipt = await sink.prepare(1)
    await sink.commit(1, receipt)
    await sink.commit(1, receipt)
    expect(await visible()).toEqual(['a'])
    await sink.close()
  })
}

function testTwoPhases({ test, expect }: TestHooks, factory: Factory): void {
  test('shows nothing before the commit', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    await write(sink, ['a'])
    expect(await visible()).toEqual([])
    const receipt = await sink.prepare(1)
    expect(await visible()).toEqual([])
    await write(sink, ['b'])
    await sink.commit(1, receipt)
    expect(await visible()).toEqual(['a'])
    await finish(sink, 2)
    expect(await visible()).toEqual(['a', 'b'])
    await sink.close()
  })

  test('never shows an epoch that was given up, before or after it was prepared', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    await write(sink, ['a'])
    await sink.abort(1)
    await write(sink, ['b'])
    await finish(sink, 1)
    expect(await visible()).toEqual(['b'])
    await write(sink, ['c'])
    await sink.prepare(2)
    await write(sink, ['d'])
    await sink.abort(2)
    await write(sink, ['e'])
    await finish(sink, 2)
    expect(await visible()).toEqual(['b', 'e'])
    await sink.close()
  })

  test('finishes committed epochs after a crash and removes the others', async () => {
    const { definition, visible } = await factory()
    const crashed = await started(definition)
    await write(crashed, ['a'])
    await finish(crashed, 1)
    await write(crashed, ['b'])
    const receipt = await crashed.prepare(2)
    await write(crashed, ['c'])
    await crashed.prepare(3)
    await write(crashed, ['d'])

    const sink = definition.create(TASK)
    await sink.open()
    await sink.recover([{ epoch: 2, receipt }])
    expect(await visible()).toEqual(['a', 'b'])
    await sink.recover([{ epoch: 2, receipt }])
    await write(sink, ['e'])
    await finish(sink, 3)
    expect(await visible()).toEqual(['a', 'b', 'e'])
    await sink.close()
  })
}

async function started(definition: SinkDefinition, task: string = TASK): Promise<Sink> {
  definition.check?.(EXAM_SCHEMA)
  const sink = definition.create(task)
  await sink.open()
  await sink.recover([])
  return sink
}

function batchOf(ids: readonly string[]): Batch {
  const records = ids.map((id, n) => ({ value: { id, n, note: n % 2 === 0 ? null : 'odd' } }))
  return sourceBatch(records, EXAM_SCHEMA, 'all', PLACE)
}

async function write(sink: Sink, ids: readonly string[]): Promise<void> {
  await sink.write(batchOf(ids))
}

async function finish(sink: Sink, epoch: number): Promise<void> {
  await sink.commit(epoch, await sink.prepare(epoch))
}
