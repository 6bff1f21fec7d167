/**
 * The exam of every transport: `testTransport({ describe, test, expect }, () => kafka({...}))`.
 *
 * Written so that it runs against a real cluster as well as in memory: it waits for conditions with
 * a deadline, names its topics and groups anew each run, and knows nothing but the contract in
 * `transport/transport.ts`. The questions are in the folder `transport/`, a file for each part of
 * the contract.
 */
import type { TransportFactory } from '../../transport/transport.ts'
import type { TestHooks } from './test-hooks.ts'
import { testAdmin } from './transport/admin.ts'
import { type ExamOptions, TransportExam } from './transport/exam.ts'
import { testFencing } from './transport/fencing.ts'
import { testFetching } from './transport/fetching.ts'
import { testGroups } from './transport/groups.ts'
import { testProducing } from './transport/producing.ts'
import { testTransactions } from './transport/transactions.ts'

export type { ExamOptions }

export function testTransport(
  hooks: TestHooks,
  factory: () => TransportFactory | Promise<TransportFactory>,
  options: ExamOptions = {},
): void {
  const exam = new TransportExam(hooks, factory, options)
  hooks.describe('transport', () => {
    testAdmin(exam)
    testProducing(exam)
    testFetching(exam)
    testGroups(exam)
    testTransactions(exam)
    testFencing(exam)
  })
}
