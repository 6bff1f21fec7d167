import { expect, test } from 'vitest'
import { inMemory } from '../../../transport/in-memory/in-memory-transport.ts'
import { failedQuestions } from '../failed-questions.ts'
import { TransportExam } from './exam.ts'
import { askStage } from './transaction-stage.ts'

test('a stage has the topics, members and producers that questions need', async () => {
  const seen: unknown[] = []
  const failed = await failedQuestions(expect, hooks => {
    const broker = inMemory()
    const exam = new TransportExam(hooks, () => broker, { timeoutMs: 500, silenceMs: 10 })
    askStage(exam, 'q', async stage => {
      const { producer, participant } = await stage.client()
      await stage.write(producer, 2, 0)
      await stage.untilLatest(2)
      await producer.commit(stage.offset(3, 'm'), participant.member)
      seen.push(await stage.latest(), stage.output.partitionCount)
      seen.push(...(await participant.member.committed(stage.offset(0))))
      await stage.producer(0)
      await stage.write(producer, 1, 0)
      await producer.commit([], participant.member)
    })
  })
  // The same nth is the same transactional id: the first producer was fenced at last.
  expect(failed).toEqual(['q'])
  expect(seen).toEqual([3, 2, expect.objectContaining({ offset: 3, metadata: 'm' })])
})

test('a transport without the ability is asked nothing, and must not offer it', async () => {
  let asked = 0
  const sit = (offers: boolean) =>
    failedQuestions(expect, hooks => {
      const sound = inMemory()
      const create: typeof sound.create = context => {
        const transport = sound.create(context)
        const abilities = { ...transport.abilities, transactions: false }
        return {
          name: transport.name,
          abilities,
          admin: transport.admin,
          open: () => transport.open(),
          joinGroup: options => transport.joinGroup(options),
          createFetcher: options => transport.createFetcher(options),
          createProducer: () => transport.createProducer(),
          close: () => transport.close(),
          ...(offers ? { createTransactionalProducer: () => Promise.reject(new Error('no')) } : {}),
        }
      }
      const exam = new TransportExam(hooks, () => ({ create }), {})
      askStage(exam, 'q', async () => void asked++)
    })
  expect([await sit(false), await sit(true), asked]).toEqual([[], ['q'], 0])
})
