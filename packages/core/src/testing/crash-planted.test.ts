/**
 * Bugs planted on purpose, one at a time: the crash stories must find each of them, or they prove
 * nothing. Each is a wrong version of one function of the runtime.
 */
import { afterEach, expect, test, vi } from 'vitest'
import type * as Changelog from '../runtime/changelog.ts'
import type * as Checkpoint from '../runtime/checkpoint.ts'
import type { Poller } from '../runtime/poller.ts'
import type { Producers } from '../runtime/producers.ts'
import type * as Restore from '../runtime/restore.ts'
import type { Task } from '../runtime/task.ts'
import type * as Progress from '../runtime/task-progress.ts'
import { PROGRAMS, type Program } from './crash-oracle.ts'
import type { Story } from './crash-story.ts'

const SEEDS = 300

afterEach(() => {
  vi.doUnmock('../runtime/changelog.ts')
  vi.doUnmock('../runtime/checkpoint.ts')
  vi.doUnmock('../runtime/restore.ts')
  vi.doUnmock('../runtime/task-progress.ts')
  vi.resetModules()
})

function about(seed: number): Story {
  return {
    seed,
    program: PROGRAMS[seed % PROGRAMS.length] as Program,
    guarantee: 'exactly-once',
    state: 'lasting',
    silence: 'decided',
    steps: 60,
  }
}

/**
 * The seed of the first story that goes wrong, and how; null = none did. The search begins where
 * one was found before.
 */
async function firstWrong(from: number, changes: Partial<Story> = {}): Promise<string | null> {
  const { tell } = await import('./crash-story.ts')
  for (let seed = from; seed < from + SEEDS; seed++) {
    const wrong = await tell({ ...about(seed), ...changes })
    if (wrong.length > 0) return `seed ${seed}: ${wrong[0]}`
  }
  return null
}

test('without a bug the stories that find one are right', async () => {
  const { sleepThroughDecision, tell } = await import('./crash-story.ts')
  for (const seed of [1, 6, 20, 198]) expect(await tell(about(seed)), `${seed}`).toEqual([])
  const atLeastOnce = { ...about(108), guarantee: 'at-least-once' } as const
  expect(await tell(atLeastOnce)).toEqual([])
  expect(await tell({ ...about(12), silence: 'none' })).toEqual([])
  expect(await sleepThroughDecision()).toEqual(['abe', 'ann'])
})

test('the marker is not written', async () => {
  vi.doMock('../runtime/changelog.ts', async actual => {
    const real = await actual<typeof Changelog>()
    const changelogRecords: typeof real.changelogRecords = (changelog, entries, at) =>
      real.changelogRecords(changelog, entries.slice(0, -1), at)
    return { ...real, changelogRecords }
  })
  expect(await firstWrong(1)).toContain('STATE_LOST')
})

test('the marker is that of another task', async () => {
  vi.doMock('../runtime/task-progress.ts', async actual => {
    const real = await actual<typeof Progress>()
    let before: Parameters<typeof real.markerOf>[0] | null = null
    const markerOf: typeof real.markerOf = parts => {
      const other = before ?? parts
      before = parts
      return real.markerOf({ ...parts, progress: other.progress })
    }
    return { ...real, markerOf }
  })
  expect(await firstWrong(1)).toContain('OFFSETS_MOVED')
})

test('state is restored to the last stable offset', async () => {
  vi.doMock('../runtime/restore.ts', async actual => {
    const real = await actual<typeof Restore>()
    const restore: typeof real.restore = (changelog, space, world) =>
      real.restore(changelog, space, { ...world, admin: endingAtStable(world) })
    return { ...real, restore }
  })
  expect(await firstWrong(198)).not.toBe(null)
})

/** An admin whose partitions end where a reader of committed records can come to now. */
function endingAtStable({ admin, reader }: Restore.RestoreWorld): Restore.RestoreWorld['admin'] {
  return {
    describeTopics: names => admin.describeTopics(names),
    createTopic: spec => admin.createTopic(spec),
    addPartitions: (topic, count) => admin.addPartitions(topic, count),
    offsets: async place => {
      const { earliest, latest } = await admin.offsets(place)
      const stop = new AbortController()
      let stable = earliest
      const take = async ({ nextOffset }: { readonly nextOffset: number }): Promise<void> => {
        stable = nextOffset
      }
      const reading = reader.read(place, { from: earliest, end: latest, take, signal: stop.signal })
      for (let turn = 0; turn < 20; turn++) await new Promise(resolve => setImmediate(resolve))
      stop.abort()
      await reading
      return { earliest, latest: stable }
    },
  }
}

test('a decision is in force before it is recorded', async () => {
  const { Task } = await import('../runtime/task.ts')
  const { barrier } = Task.prototype
  Task.prototype.barrier = function (this: Task, epoch, now) {
    const progress = barrier.call(this, epoch, now)
    this.beginEpoch()
    return progress
  }
  expect(await firstWrong(108, { guarantee: 'at-least-once' })).not.toBe(null)
})

test('what a decision leads to is done by a task that was revoked', async () => {
  vi.doMock('../runtime/checkpoint.ts', async actual => {
    const real = await actual<typeof Checkpoint>()
    const checkpoint: typeof real.checkpoint = (epoch, now, tasks, world) =>
      real.checkpoint(epoch, now, tasks, { ...world, goesOn: () => true })
    return { ...real, checkpoint }
  })
  const { sleepThroughDecision } = await import('./crash-story.ts')
  expect(await sleepThroughDecision()).not.toEqual(['abe', 'ann'])
})

test('offsets are sent only when they moved', async () => {
  vi.doMock('../runtime/checkpoint.ts', async actual => {
    const real = await actual<typeof Checkpoint>()
    const sent = new WeakMap<object, Map<string, number>>()
    const checkpoint: typeof real.checkpoint = (epoch, now, tasks, world) => {
      const { transaction, member } = world
      if (transaction === null || member === null) return real.checkpoint(epoch, now, tasks, world)
      const known = sent.get(member) ?? new Map<string, number>()
      sent.set(member, known)
      const moved: typeof transaction = {
        write: records => transaction.write(records),
        abort: () => transaction.abort(),
        close: () => transaction.close(),
        commit: async offsets => {
          const changed = offsets.filter(
            ({ topic, partition, offset }) => known.get(`${topic}/${partition}`) !== offset,
          )
          await transaction.commit(changed, member)
          for (const { topic, partition, offset } of changed) {
            known.set(`${topic}/${partition}`, offset)
          }
        },
      }
      return real.checkpoint(epoch, now, tasks, { ...world, transaction: moved })
    }
    return { ...real, checkpoint }
  })
  expect(await firstWrong(20)).not.toBe(null)
})

test('the epoch is not aborted when a member is lost', async () => {
  const { Producers } = await import('../runtime/producers.ts')
  Producers.prototype.renew = async function (this: Producers) {}
  expect(await firstWrong(6)).not.toBe(null)
})

test('a position moves over what a poll has not been heard to bring', async () => {
  const { Poller } = await import('../runtime/poller.ts')
  Poller.prototype.mayHold = function (this: Poller, partition) {
    return this.holds(partition)
  }
  expect(await firstWrong(12, { silence: 'none' })).not.toBe(null)
})
