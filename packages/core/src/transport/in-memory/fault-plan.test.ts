import { expect, test } from 'vitest'
import { type FaultMoment, FaultPlan, type FaultPoint } from './fault-plan.ts'

const call = (point: FaultPoint, moment: FaultMoment = 'before', clientId = 'one') => ({
  point,
  moment,
  clientId,
})

test('an act meets the calls it is for, once unless told otherwise', async () => {
  const plan = new FaultPlan()
  const met: string[] = []
  plan.before('commit', ({ clientId }) => void met.push(`all ${clientId}`))
  plan.before('commit', () => void met.push('two'), { clientId: 'two', skip: 1, times: 2 })
  await plan.meet(call('write'))
  await plan.meet(call('commit', 'after'))
  expect(met).toEqual([])
  await plan.meet(call('commit'))
  for (let i = 0; i < 4; i++) await plan.meet(call('commit', 'before', 'two'))
  expect(met).toEqual(['all one', 'two', 'two'])
  expect(plan.isPlanted(call('commit', 'before', 'two'))).toBe(false)
})

test('an act can fail a call, delay it, and be taken back', async () => {
  const plan = new FaultPlan()
  const failure = new Error('lost')
  plan.after('write', () => {
    throw failure
  })
  await expect(plan.meet(call('write', 'after'))).rejects.toBe(failure)
  let settle = (): void => {}
  plan.after('write', () => new Promise<void>(resolve => (settle = resolve)))
  let isThrough = false
  const through = plan.meet(call('write', 'after')).then(() => (isThrough = true))
  await Promise.resolve()
  expect(isThrough).toBe(false)
  settle()
  await through
  const takeBack = plan.after('write', () => {
    throw failure
  })
  expect(plan.isPlanted(call('write', 'after'))).toBe(true)
  takeBack()
  await plan.meet(call('write', 'after'))
})
