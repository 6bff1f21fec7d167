/**
 * Bugs in the steps of the checkpoint (runtime/checkpoint.ts): one left out, two in the wrong
 * order, one done for a task that is not ours any more.
 */
import { internalsOf } from '../../../api/application-internals.ts'
import { OperatorGraph } from '../../../operator/operator-graph.ts'
import { HeldWrites } from '../../../runtime/held-writes.ts'
import { Producers } from '../../../runtime/producers.ts'
import type { PlantedBug } from './planted.ts'
import { replaceMethod, wrapTransport } from './wrapped.ts'

export const AT_STEPS: readonly PlantedBug[] = [
  {
    name: 'downstream tasks are not told of time at the barrier',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({ remove: replaceMethod(OperatorGraph.prototype, 'endEpoch', () => () => {}) }),
  },
  {
    name: 'sinks do not prepare',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      remove: replaceMethod(OperatorGraph.prototype, 'prepare', () => async () => []),
    }),
  },
  {
    name: 'outputs are not flushed',
    seed: 1,
    story: { program: 'regrouped', guarantee: 'at-least-once' },
    plant: () => ({
      transport: real =>
        wrapTransport(real, of => ({
          createProducer: async () => {
            const plain = await of.createProducer()
            const close = () => plain.close()
            return { write: records => plain.write(records), flush: async () => {}, close }
          },
        })),
    }),
  },
  {
    name: 'sinks do not publish',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      remove: replaceMethod(OperatorGraph.prototype, 'commit', () => async () => {}),
    }),
  },
  {
    name: 'sinks publish before the commit',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      remove: replaceMethod(
        OperatorGraph.prototype,
        'prepare',
        prepare =>
          async function (this: OperatorGraph, epoch) {
            const receipts = await prepare.call(this, epoch)
            await this.commit(epoch, receipts)
            return receipts
          },
      ),
    }),
  },
  {
    name: 'receipts are forgotten at a restart',
    seed: 18,
    story: { program: 'regrouped' },
    plant: () => ({
      remove: replaceMethod(
        OperatorGraph.prototype,
        'recover',
        recover =>
          function (this: OperatorGraph, epoch) {
            return recover.call(this, epoch, [])
          },
      ),
    }),
  },
  {
    name: 'what a decision leads to is done by a task that was revoked',
    seed: 26,
    story: {
      program: 'stacked',
      guarantee: 'exactly-once',
      silence: 'decided',
      processes: 2,
      accidents: ['another comes while somebody sleeps', 'somebody stops'],
    },
    plant: () => ({
      onStep: async (app, step, moment) => {
        if (step !== 'publish' || moment !== 'after') return
        for (const task of internalsOf(app).run()?.tasks ?? []) await task.beginEpoch()
      },
    }),
  },
  {
    name: 'what the next epoch writes does not wait for the commit',
    seed: 2,
    story: { program: 'regrouped' },
    plant: () => ({ remove: replaceMethod(HeldWrites.prototype, 'hold', () => () => {}) }),
  },
  {
    name: 'the epoch is not aborted when a member is lost',
    seed: 1,
    story: { program: 'regrouped', guarantee: 'exactly-once', accidents: ['a member is expelled'] },
    plant: () => ({ remove: replaceMethod(Producers.prototype, 'renew', () => async () => {}) }),
  },
]
