import { expect, test } from 'vitest'
import { listSink } from '../sink/list-sink.ts'
import { TestDriver } from '../testing/test-driver.ts'
import { Application } from './application.ts'
import { internalsOf } from './application-internals.ts'

test('show the run under way and the topics of the plan', async () => {
  const driver = new TestDriver()
  const app = new Application({ id: 'shop', ...driver.options })
  const internals = internalsOf(app)
  const [from, to] = [app.topic('from'), app.topic('to')]
  expect(internals.topics()).toEqual([])
  app.dataframe(from).toTopic(to).sink(listSink())
  expect(internals.topics()).toEqual([from.definition, to.definition])
  expect(internals.run()).toBeNull()
  await driver.start(app)
  expect(internals.run()?.tasks).toHaveLength(1)
  await driver.stop()
  expect(internals.run()).toBeNull()
})

test('are those of one application each', () => {
  const [one, two] = [new Application({ id: 'one' }), new Application({ id: 'two' })]
  one.dataframe(one.topic('from')).sink(listSink())
  expect(internalsOf(one).topics()).toHaveLength(1)
  expect(internalsOf(two).topics()).toHaveLength(0)
})
