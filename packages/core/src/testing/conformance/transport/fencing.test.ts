import { describe, expect, test } from 'vitest'
import {
  createTransactional,
  examFailures,
  type TransportFault,
  withTransactions,
} from './faulty-transport.ts'

const failedQuestions = (fault: TransportFault) => examFailures(expect, fault)

describe('the exam finds', () => {
  test('offsets that are sent only with records, beside the transaction, or in part', async () => {
    const onlyWithRecords = withTransactions(producer => {
      let hasWritten = false
      return {
        write: records => {
          hasWritten = true
          return producer.write(records)
        },
        commit: async (offsets, member) => {
          await producer.commit(hasWritten ? offsets : [], member)
          hasWritten = false
        },
      }
    })
    expect(await failedQuestions(onlyWithRecords)).toEqual([
      'commits offsets without records, each time',
      'fences a producer that was idle, in records and in offsets',
      'refuses a member that is out of its group, with records and without',
    ])
    const beside = withTransactions(producer => ({
      commit: async (offsets, member) => {
        await producer.commit([], member)
        await member?.commit(offsets)
      },
    }))
    expect(await failedQuestions(beside)).toEqual([
      'fences a producer that was idle, in records and in offsets',
      'refuses a member that is out of its group, with records and without',
    ])
    const firstOnly = withTransactions(producer => ({
      commit: (offsets, member) => producer.commit(offsets.slice(0, 1), member),
    }))
    expect(await failedQuestions(firstOnly)).toEqual([
      'commits offsets of topics that the group does not read together',
    ])
  })

  test('ids that fence nobody', async () => {
    let created = 0
    const fault: TransportFault = transport => ({
      createTransactionalProducer: options => {
        const transactionalId = `${options.transactionalId}-${++created}`
        return createTransactional(transport, { ...options, transactionalId })
      },
    })
    expect(await failedQuestions(fault)).toEqual([
      'fences the producer that had the transactional id before',
      'fences a producer that was idle, in records and in offsets',
    ])
  })

  test('refusals that are kept secret', async () => {
    const except = (code: string) =>
      withTransactions(producer => ({
        commit: (offsets, member) =>
          producer.commit(offsets, member).catch(error => {
            if (error.code !== code) throw error
          }),
      }))
    expect(await failedQuestions(except('FENCED'))).toEqual([
      'fences the producer that had the transactional id before',
      'fences a producer that was idle, in records and in offsets',
      'refuses a member that is out of its group, with records and without',
    ])
    expect(await failedQuestions(except('DELIVERY_FAILED'))).toEqual([
      'fails the commit when a record was not written, until the abort',
    ])
  })
})
