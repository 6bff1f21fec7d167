import { describe, expect, test } from 'vitest'
import { listSink } from '../../sink/list-sink.ts'
import type { Receipt, Sink } from '../../sink/sink.ts'
import { sinkContext } from '../sink-context.ts'
import { failedQuestions } from './failed-questions.ts'
import { testSink } from './sink.ts'

function failed(fault: (sink: Sink, task: string) => Partial<Sink>): Promise<string[]> {
  const factory = () => {
    const list = listSink<{ id: string }>()
    const definition = {
      ...list,
      create: (task: string): Sink => {
        const sink = list.create(task)
        const sound: Sink = {
          open: () => sink.open(sinkContext()),
          write: batch => sink.write(batch),
          prepare: epoch => sink.prepare(epoch),
          commit: (epoch, receipt) => sink.commit(epoch, receipt),
          abort: epoch => sink.abort(epoch),
          recover: receipts => sink.recover(receipts),
          close: () => sink.close(),
        }
        return { ...sound, ...fault(sink, task) }
      },
    }
    return { definition, visible: () => list.rows.map(row => row.id) }
  }
  return failedQuestions(expect, hooks => testSink(hooks, factory))
}

const OVERLAP = [
  'leaves later epochs to their owners when it recovers an older one',
  'removes nothing that is prepared when it recovers nothing',
  'leaves later epochs to their owners when it commits an older one',
  'takes an epoch for that of the receipt, and gives up its own alone',
] as const

describe('the exam finds', () => {
  test('nothing in a sound sink', async () => {
    expect(await failed(() => ({}))).toEqual([])
  })

  test('a sink that ignores the selection', async () => {
    const failures = await failed(sink => ({
      write: batch => sink.write(batch.with({ selection: null })),
    }))
    expect(failures).toEqual(['takes selected records only, and tombstones without a row'])
  })

  test('a sink that shows when it prepares', async () => {
    const failures = await failed(sink => ({
      prepare: async epoch => {
        const receipt = await sink.prepare(epoch)
        await sink.commit(epoch, receipt)
        return receipt
      },
    }))
    expect(failures).toEqual([
      'shows nothing before the commit',
      'never shows an epoch that was given up, before or after it was prepared',
      'finishes committed epochs after a crash and removes the others',
      'removes an epoch that was prepared and whose commit never came',
      OVERLAP[3],
    ])
  })

  test('a sink that forgets to abort, and one that forgets to recover', async () => {
    expect(await failed(() => ({ abort: async () => {} }))).toEqual([
      'never shows an epoch that was given up, before or after it was prepared',
      'takes rows of the next epoch while one is being committed',
    ])
    expect(await failed(() => ({ recover: async () => {} }))).toEqual([
      'finishes an epoch by its receipt alone, once, whoever asks',
      'finishes committed epochs after a crash and removes the others',
      ...OVERLAP,
    ])
  })

  test('a commit that takes what is written meanwhile, and one that cannot be repeated', async () => {
    const greedy = await failed(sink => ({
      commit: async (epoch, receipt) => {
        await sink.commit(epoch, receipt)
        await Promise.resolve()
        await sink.commit(epoch + 0.5, await sink.prepare(epoch + 0.5))
      },
    }))
    expect(greedy).toContain('takes rows of the next epoch while one is being committed')
    const failures = await failed(sink => {
      let last = -1
      return {
        commit: async (epoch, receipt) => {
          if (epoch === last) throw new Error('the epoch is gone')
          last = epoch
          await sink.commit(epoch, receipt)
        },
      }
    })
    expect(failures).toEqual(['shows an epoch once when its commit is repeated', OVERLAP[2]])
  })

  test('a sink that keeps its rows in its receipts', async () => {
    const short = (receipt: Receipt) => receipt?.subarray(2_000) ?? null
    const failures = await failed(sink => ({
      prepare: async epoch =>
        Buffer.concat([Buffer.alloc(2_000), (await sink.prepare(epoch)) as Uint8Array]),
      commit: (epoch, receipt) => sink.commit(epoch, short(receipt)),
      recover: committed =>
        sink.recover(committed.map(each => ({ ...each, receipt: short(each.receipt) }))),
    }))
    expect(failures).toEqual(['gives receipts that fit into an epoch marker, for empty epochs too'])
  })

  test('a sink that finishes an epoch with only those receipts that it gave itself', async () => {
    const failures = await failed(sink => {
      const own: unknown[] = []
      return {
        prepare: async epoch => {
          const receipt = await sink.prepare(epoch)
          own.push(receipt)
          return receipt
        },
        recover: committed =>
          sink.recover(committed.filter(({ receipt }) => own.includes(receipt))),
      }
    })
    expect(failures).toEqual([
      'finishes an epoch by its receipt alone, once, whoever asks',
      'finishes committed epochs after a crash and removes the others',
      ...OVERLAP,
    ])
  })

  test('a sink that removes what other tasks have staged', async () => {
    const all: Sink[] = []
    const failures = await failed(sink => {
      all.push(sink)
      return {
        recover: async committed => {
          await sink.recover(committed)
          for (const other of all) if (other !== sink) await other.abort(1)
        },
      }
    })
    expect(failures).toContain('leaves what other tasks have staged alone')
  })

  /** Gives up everything that other sinks of the task have staged. */
  function removals() {
    const all: { readonly sink: Sink; readonly task: string }[] = []
    return (sink: Sink, task: string) => {
      all.push({ sink, task })
      return async (): Promise<void> => {
        const others = all.filter(other => other.sink !== sink && other.task === task)
        for (const other of others) {
          for (let epoch = 0; epoch < 10; epoch++) await other.sink.abort(epoch)
        }
      }
    }
  }

  test('a sink that removes all that is staged when it recovers', async () => {
    const removal = removals()
    const failures = await failed((sink, task) => {
      const removeOthers = removal(sink, task)
      return {
        recover: async committed => {
          await sink.recover(committed)
          await removeOthers()
        },
      }
    })
    expect(failures).toEqual([OVERLAP[0], OVERLAP[1]])
  })

  test('a sink that removes all that is staged when it commits', async () => {
    const removal = removals()
    const failures = await failed((sink, task) => {
      const removeOthers = removal(sink, task)
      return {
        commit: async (epoch, receipt) => {
          await sink.commit(epoch, receipt)
          await removeOthers()
        },
      }
    })
    expect(failures).toEqual([OVERLAP[2]])
  })

  test('a sink that knows epochs by their number, and one that gives up what others have', async () => {
    const removal = removals()
    const abort = (sink: Sink, task: string) => {
      const removeOthers = removal(sink, task)
      return async (epoch: number): Promise<void> => {
        await sink.abort(epoch)
        await removeOthers()
      }
    }
    expect(await failed((sink, task) => ({ abort: abort(sink, task) }))).toEqual([OVERLAP[3]])
    const last = new Map<string, Receipt>()
    const failures = await failed((sink, task) => ({
      prepare: async epoch => {
        const receipt = await sink.prepare(epoch)
        last.set(`${task} ${epoch}`, receipt)
        return receipt
      },
      recover: committed =>
        sink.recover(
          committed.map(({ epoch }) => ({ epoch, receipt: last.get(`${task} ${epoch}`) ?? null })),
        ),
    }))
    expect(failures).toEqual([OVERLAP[3]])
  })
})
