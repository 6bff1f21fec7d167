import { expect, test } from 'vitest'
import { Application } from './application.ts'
import { internalsOf } from './application-internals.ts'

test('tells the topics of the plan and what runs', () => {
  const app = new Application({ id: 'app' })
  const internals = internalsOf(app)
  expect(internals.run()).toBe(null)
  expect(internals.topics()).toEqual([])
  const [from, to] = [app.topic('from'), app.topic('to')]
  app.topic('of-no-frame')
  app.dataframe(from).toTopic(to)
  expect(internals.topics()).toEqual([from.definition, to.definition])
})

test('is of one application alone', () => {
  const [one, other] = [new Application({ id: 'one' }), new Application({ id: 'other' })]
  expect(internalsOf(one)).not.toBe(internalsOf(other))
})
