/**
 * Questions to a sink of which two serve one task at once: one has lost the task and does not know
 * it yet.
 */

import { sinkContext } from '../sink-context.ts'
import {
  EXAM_SCHEMA,
  type Factory,
  finish,
  reopened,
  started,
  TASK,
  write,
} from './sink-under-test.ts'
import type { TestHooks } from './test-hooks.ts'

/** Who has lost its task and does not know it yet harms nobody. */
export function testOverlap({ test, expect }: TestHooks, factory: Factory): void {
  /** A task of which epoch 5 is visible and one that shall go on after it is open. */
  async function atFive() {
    const { definition, visible } = await factory()
    const first = await started(definition)
    await write(first, ['a'])
    const committed = [{ epoch: 5, receipt: await finish(first, 5) }]
    const old = definition.create(TASK)
    await old.open(sinkContext({ schema: EXAM_SCHEMA }))
    return { definition, visible, old, committed }
  }

  test('leaves later epochs to their owners when it recovers an older one', async () => {
    const { definition, visible, old, committed } = await atFive()
    const next = await reopened(definition, committed)
    await write(next, ['b', 'c'])
    const receipt = await next.prepare(6)
    await write(next, ['lost'])
    await old.recover(committed)
    const third = await reopened(definition, [{ epoch: 6, receipt }])
    expect(await visible()).toEqual(['a', 'b', 'c'])
    await third.commit(6, receipt)
    await old.recover(committed)
    await write(third, ['d'])
    await finish(third, 7)
    expect(await visible()).toEqual(['a', 'b', 'c', 'd'])
  })

  test('removes nothing that is prepared when it recovers nothing', async () => {
    const { definition, visible } = await factory()
    const old = definition.create(TASK)
    await old.open(sinkContext({ schema: EXAM_SCHEMA }))
    const next = await started(definition)
    await write(next, ['a'])
    const receipt = await next.prepare(0)
    await old.recover([])
    await reopened(definition, [{ epoch: 0, receipt }])
    expect(await visible()).toEqual(['a'])
  })

  test('leaves later epochs to their owners when it commits an older one', async () => {
    const { definition, visible, old, committed } = await atFive()
    await old.recover(committed)
    await write(old, ['b'])
    const sixth = await old.prepare(6)
    const next = await reopened(definition, [{ epoch: 6, receipt: sixth }])
    await write(next, ['c'])
    const receipt = await next.prepare(7)
    await old.commit(6, sixth)
    await reopened(definition, [{ epoch: 7, receipt }])
    expect(await visible()).toEqual(['a', 'b', 'c'])
    await old.commit(6, sixth)
    expect(await visible()).toEqual(['a', 'b', 'c'])
  })

  test('takes an epoch for that of the receipt, and gives up its own alone', async () => {
    const { definition, visible, old, committed } = await atFive()
    await old.recover(committed)
    await write(old, ['lost'])
    const next = await reopened(definition, committed)
    await write(next, ['b'])
    const receipt = await next.prepare(6)
    await old.prepare(6)
    await write(old, ['lost too'])
    const third = await reopened(definition, [{ epoch: 6, receipt }])
    expect(await visible()).toEqual(['a', 'b'])
    await write(third, ['c'])
    const seventh = await third.prepare(7)
    await old.prepare(7)
    await write(third, ['d'])
    await old.abort(7)
    await old.close()
    await third.commit(7, seventh)
    await finish(third, 8)
    expect(await visible()).toEqual(['a', 'b', 'c', 'd'])
  })
}
