/** Bugs in what a task takes for its time. */
import { Task } from '../../../runtime/task.ts'
import { TaskClock } from '../../../runtime/task-clock.ts'
import type { PlantedBug } from './planted.ts'
import { replaceMethod } from './wrapped.ts'

export const IN_TIME: readonly PlantedBug[] = [
  {
    name: 'a decision is in force before it is recorded',
    seed: 15,
    story: {
      program: 'keyed',
      silence: 'decided',
      accidents: ['a kill is planted in a call', 'a member is expelled', 'a delivery will fail'],
    },
    plant: () => ({
      remove: replaceMethod(
        Task.prototype,
        'barrier',
        barrier =>
          async function (this: Task, epoch, now) {
            const progress = await barrier.call(this, epoch, now)
            await this.beginEpoch()
            return progress
          },
      ),
    }),
  },
  {
    name: 'time is not taken up by the next owner',
    seed: 6,
    story: { program: 'stacked' },
    plant: () => ({ remove: replaceMethod(TaskClock.prototype, 'restore', () => () => {}) }),
  },
]
