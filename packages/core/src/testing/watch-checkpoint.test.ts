import { expect, test } from 'vitest'
import { Application } from '../api/application.ts'
import { CHECKPOINT_STEPS } from '../runtime/checkpoint-step.ts'
import { TestDriver } from './test-driver.ts'
import { watchCheckpoint } from './watch-checkpoint.ts'

test('every step is told before and after, in the order of the checkpoint', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'watched', ...driver.options })
  const input = app.topic('input')
  app.dataframe(input).toTopic(app.topic('output'))
  const told: string[] = []
  watchCheckpoint(app, (step, moment) => void told.push(`${moment} ${step}`))
  await driver.start(app)
  await driver.feed(input, [{ value: { n: 1 }, timestamp: 1_000 }])
  await driver.advance('1s')
  expect(told).toEqual(CHECKPOINT_STEPS.flatMap(step => [`before ${step}`, `after ${step}`]))
  await driver.stop()
})
