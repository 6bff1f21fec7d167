import { describe, expect, test } from 'vitest'
import type { OutgoingRecords } from '../../../transport/raw-records.ts'
import type { Transport } from '../../../transport/transport.ts'
import {
  examFailures,
  type TransportFault,
  withFetcher,
  withTransactions,
} from './faulty-transport.ts'

const failedQuestions = (fault: TransportFault) => examFailures(expect, fault)

describe('the exam finds', () => {
  test('records that are read before the commit', async () => {
    const fault = withTransactions((_, transport) => {
      const plain = transport.createProducer()
      return { write: async records => (await plain).write(records) }
    })
    expect(await failedQuestions(fault)).toEqual([
      'shows records and offsets at the commit, not before',
      'never shows the records of an aborted transaction',
      'has its position behind the control record of a commit',
      'has its position behind aborted records when nothing follows',
      'tells the high watermark from what can be read',
      'aborts right after a write, again and again, and goes on',
      'fails the commit when a record was not written, until the abort',
      'keeps the order of many transactions in each partition',
      'keeps producers apart that write to one partition',
      'fences the producer that had the transactional id before',
      'fences a producer that was idle, in records and in offsets',
      'takes over what a closed producer had open, so that it holds up nobody',
      'refuses a member that is out of its group, with records and without',
    ])
  })

  test('an abort that does nothing', async () => {
    const fault = withTransactions(() => ({ abort: async () => {} }))
    expect(await failedQuestions(fault)).toEqual([
      'never shows the records of an aborted transaction',
      'has its position behind aborted records when nothing follows',
      'tells the high watermark from what can be read',
      'aborts right after a write, again and again, and goes on',
      'fails the commit when a record was not written, until the abort',
      'keeps the order of many transactions in each partition',
      'keeps producers apart that write to one partition',
      'refuses a member that is out of its group, with records and without',
    ])
  })

  test('an abort that is fatal when nothing was sent yet', async () => {
    const fault = withTransactions(producer => {
      let unsent = 0
      let isDead = false
      const use = (): void => {
        if (isDead) throw new Error('INVALID_TXN_STATE')
      }
      return {
        write: records => {
          use()
          unsent++
          setImmediate(() => unsent--)
          return producer.write(records)
        },
        commit: async (offsets, member) => {
          use()
          await producer.commit(offsets, member)
        },
        abort: async () => {
          isDead ||= unsent > 0
          use()
          await producer.abort()
        },
      }
    })
    expect(await failedQuestions(fault)).toContain(
      'aborts right after a write, again and again, and goes on',
    )
  })

  test('writes that arrive the other way round', async () => {
    const fault = withTransactions(producer => {
      const waiting: OutgoingRecords[] = []
      return {
        write: records => {
          waiting.unshift(records)
          return undefined
        },
        commit: async (offsets, member) => {
          for (const records of waiting.splice(0)) await producer.write(records)
          await producer.commit(offsets, member)
        },
        abort: async () => {
          waiting.length = 0
          await producer.abort()
        },
      }
    })
    const failed = await failedQuestions(fault)
    expect(failed).toContain('keeps the order of many transactions in each partition')
  })

  test('a fetcher that stops at control records, or takes what is stable for all', async () => {
    const fault = withFetcher(fetcher => {
      let next = 0
      return {
        poll: async timeoutMs => {
          const batch = await fetcher.poll(timeoutMs)
          if (batch !== null) next = (batch.offsets.at(-1) as number) + 1
          return batch
        },
        progress: partition => {
          const progress = fetcher.progress(partition)
          return progress === null ? null : { ...progress, position: next }
        },
      }
    })
    expect(await failedQuestions(fault)).toEqual([
      'has its position behind the control record of a commit',
      'has its position behind aborted records when nothing follows',
      'tells the high watermark from what can be read',
    ])
    const stableIsAll = withFetcher(fetcher => ({
      progress: partition => {
        const progress = fetcher.progress(partition)
        return progress && { ...progress, highWatermark: progress.lastStableOffset }
      },
    }))
    expect(await failedQuestions(stableIsAll)).toEqual([
      'tells the high watermark from what can be read',
    ])
  })

  test('an ability that is claimed or offered without the other', async () => {
    const claimed = await failedQuestions(
      () => ({ createTransactionalProducer: undefined }) as object as Partial<Transport>,
    )
    const offered = await failedQuestions(({ abilities }) => ({
      abilities: { ...abilities, transactions: false },
    }))
    expect(offered).toEqual(claimed)
    expect(claimed).toContain('shows records and offsets at the commit, not before')
    expect(claimed).toContain('refuses a member that is out of its group, with records and without')
  })
})
