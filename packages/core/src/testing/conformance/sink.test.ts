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
    ])
  })

  test('a sink that forgets to abort, and one that forgets to recover', async () => {
    expect(await failed(() => ({ abort: async () => {} }))).toEqual([
      'never shows an epoch that was given up, before or after it was prepared',
    ])
    expect(await failed(() => ({ recover: async () => {} }))).toEqual([
      'finishes committed epochs after a crash and removes the others',
    ])
  })
})
