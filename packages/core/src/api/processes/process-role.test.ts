import { afterEach, expect, test, vi } from 'vitest'
import { fromArray } from '../../source/array-source.ts'
import { TestDriver } from '../../testing/test-driver.ts'
import { Application } from '../application.ts'
import { environmentOf } from './process-place.ts'
import { roleOf } from './process-role.ts'

afterEach(() => vi.unstubAllEnvs())

function app(): Application {
  const driver = new TestDriver()
  const made = new Application({ id: 'shop', ...driver.options })
  made.dataframe(made.topic('sales')).toTopic(made.topic('out'))
  return made
}

test.each([0, -1, 1.5, 257, Number.NaN, '4'])('%j is no number of processes', async processes => {
  await expect(app().run({ processes: processes as number })).rejects.toThrow(
    'INVALID_ARGUMENT: processes must be a whole number from 1 to 256; got ',
  )
})

test('what cannot be shared is refused before anything is started', async () => {
  await expect(app().run({ processes: 2, until: 'end' })).rejects.toThrow(
    "NOT_SUPPORTED: run({ processes }): until: 'end' is for one process",
  )
  await expect(app().run({ processes: 2 })).rejects.toThrow('is inside of one process')
  const local = new Application({ id: 'shop' })
  local.dataframe(fromArray([{ n: 1 }])).print()
  await expect(local.run({ processes: 2 })).rejects.toThrow(
    'a source outside Kafka is read by one process',
  )
})

test('a process knows for which application of its program it was started', () => {
  expect(roleOf('shop', 1)).toBe('alone')
  expect(roleOf('shop', 2)).toBe('parent')
  vi.stubGlobal('process', { ...process, send() {}, env: { ...process.env } })
  const place = { applicationId: 'shop', number: 0, count: 2 }
  Object.assign(process.env, environmentOf(place))
  expect([roleOf('shop', 2), roleOf('other', 2), roleOf('other', 1)]).toEqual([
    'child',
    'bystander',
    'alone',
  ])
  vi.unstubAllGlobals()
})
