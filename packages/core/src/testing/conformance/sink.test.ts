import { describe, expect, test } from 'vitest'
import { listSink } from '../../sink/list-sink.ts'
import type { Sink } from '../../sink/sink.ts'
import { failedQuestions } from './failed-questions.ts'
import { testSink } from './sink.ts'

function failed(fault: (sink: Sink) => Partial<Sink>): Promise<string[]> {
  const factory = () => {
    const list = listSink<{ id: string }>()
    const definition = {
      ...list,
      create: (task: string): Sink => {
        const sink = list.create(task)
        const sound: Sink = {
          open: () => sink.open(),
          write: batch => sink.write(batch),
          prepare: epoch => sink.prepare(epoch),
          commit: (epoch, receipt) => sink.commit(epoch, receipt),
          abort: epoch => sink.abort(epoch),
          recover: receipts => sink.recover(receipts),
          close: () => sink.close(),
        }
        return { ...sound, ...fault(sink) }
      },
    }
    return { definition, visible: () => list.rows.map(row => row.id) }
  }
  return failedQuestions(expect, hooks => testSink(hooks, factory))
}

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
      'removes an epoch that was prepared and whose commit never came',
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
    expect(failures).toEqual(['shows an epoch once when its commit is repeated'])
  })

  test('a sink that keeps its rows in its receipts', async () => {
    const failures = await failed(sink => ({
      prepare: async epoch => {
        await sink.prepare(epoch)
        return Buffer.alloc(2_000)
      },
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
})
