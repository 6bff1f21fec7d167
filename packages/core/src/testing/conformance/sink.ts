/**
 * The exam of sinks.
 *
 * An epoch becomes visible as a whole when it is committed, once, in order; a given-up epoch never
 * does. A process may die anywhere: a later one finishes what was committed, by its receipt, and
 * removes the rest, of its own task only. A crash is a sink that is not called any more; one that
 * was stopped and goes on beside the next owner of its task is called once more.
 */
import type { Receipt } from '../../sink/sink.ts'
import { setBit } from '../../util/bitmap.ts'
import { testOverlap } from './sink-overlap.ts'
import { batchOf, type Factory, finish, reopened, started, write } from './sink-under-test.ts'
import type { TestHooks } from './test-hooks.ts'

export type { SinkUnderTest } from './sink-under-test.ts'

export interface SinkTraits {
  /** False: rows are visible when written, and no receipt is given. Default true. */
  readonly isTwoPhase?: boolean
}

/** Some of them go into an epoch marker with everything else. */
const RECEIPT_BYTES_MAX = 1_000

/** Registers the questions with a test runner. */
export function testSink(
  hooks: TestHooks,
  factory: Factory,
  { isTwoPhase = true }: SinkTraits = {},
): void {
  hooks.describe('sink', () => {
    testEpochs(hooks, factory)
    if (!isTwoPhase) return
    testTwoPhases(hooks, factory)
    testReceipts(hooks, factory)
    testCrashes(hooks, factory)
    testOverlap(hooks, factory)
  })
}

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

  test('takes rows of the next epoch while one is being committed', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    await write(sink, ['a'])
    const first = await sink.prepare(1)
    const committing = sink.commit(1, first)
    const writing = write(sink, ['b'])
    await committing
    await writing
    expect(await visible()).toEqual(['a'])
    const second = await sink.prepare(2)
    const committingNext = sink.commit(2, second)
    const writingNext = write(sink, ['c'])
    await committingNext
    await writingNext
    expect(await visible()).toEqual(['a', 'b'])
    await sink.abort(3)
    await write(sink, ['d'])
    await finish(sink, 3)
    expect(await visible()).toEqual(['a', 'b', 'd'])
    await sink.close()
  })
}

function testReceipts({ test, expect }: TestHooks, factory: Factory): void {
  test('gives receipts that fit into an epoch marker, for empty epochs too', async () => {
    const { definition, visible } = await factory()
    const sink = await started(definition)
    const receipts = [await finish(sink, 1)]
    await write(
      sink,
      Array.from({ length: 15 }, (_, i) => `row ${i}`),
    )
    receipts.push(await finish(sink, 2), await finish(sink, 3))
    const unfit = receipts.filter(receipt => receipt !== null && !isFit(receipt))
    expect(unfit).toEqual([])
    expect((await visible()).length).toBe(15)
    const later = await reopened(definition, [{ epoch: 3, receipt: receipts[2] as Receipt }])
    await later.close()
    expect((await visible()).length).toBe(15)
  })

  test('finishes an epoch by its receipt alone, once, whoever asks', async () => {
    const { definition, visible } = await factory()
    const crashed = await started(definition)
    await write(crashed, ['a', 'b'])
    const prepared = await crashed.prepare(1)
    // As it comes back from where it was stored.
    const receipt = prepared === null ? null : Uint8Array.from(prepared)
    const sink = await reopened(definition, [{ epoch: 1, receipt }])
    expect(await visible()).toEqual(['a', 'b'])
    await sink.commit(1, receipt)
    await sink.recover([{ epoch: 1, receipt }])
    const again = await reopened(definition, [{ epoch: 1, receipt }])
    expect(await visible()).toEqual(['a', 'b'])
    await write(again, ['c'])
    await finish(again, 2)
    expect(await visible()).toEqual(['a', 'b', 'c'])
    await again.close()
  })
}

function testCrashes({ test, expect }: TestHooks, factory: Factory): void {
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

    const sink = await reopened(definition, [{ epoch: 2, receipt }])
    expect(await visible()).toEqual(['a', 'b'])
    await sink.recover([{ epoch: 2, receipt }])
    await write(sink, ['e'])
    await finish(sink, 3)
    expect(await visible()).toEqual(['a', 'b', 'e'])
    await sink.close()
  })

  test('removes an epoch that was prepared and whose commit never came', async () => {
    const { definition, visible } = await factory()
    const first = await started(definition)
    await write(first, ['lost'])
    await first.prepare(1)

    const second = await reopened(definition, [])
    expect(await visible()).toEqual([])
    await write(second, ['a'])
    const receipt = await finish(second, 1)
    await write(second, ['lost', 'lost too'])
    await second.prepare(2)
    await write(second, ['lost as well'])

    const third = await reopened(definition, [{ epoch: 1, receipt }])
    expect(await visible()).toEqual(['a'])
    await write(third, ['b'])
    await finish(third, 2)
    expect(await visible()).toEqual(['a', 'b'])
    await third.close()
  })

  test('leaves what other tasks have staged alone', async () => {
    const { definition, visible } = await factory()
    const other = await started(definition, '0/1')
    await write(other, ['a'])
    const receipt = await other.prepare(1)
    const sink = await started(definition, '0/0')
    await sink.abort(1)
    const longer = await started(definition, '0/11')
    await longer.abort(1)
    await other.commit(1, receipt)
    expect(await visible()).toEqual(['a'])
    for (const each of [sink, other, longer]) await each.close()
  })
}

function isFit(receipt: Uint8Array): boolean {
  return receipt instanceof Uint8Array && receipt.length <= RECEIPT_BYTES_MAX
}
