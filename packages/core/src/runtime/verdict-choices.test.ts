import { expect, test } from 'vitest'
import { checkChoices, optionText, type VerdictChoices } from './verdict-choices.ts'

test('an option is told as it is written', () => {
  expect(optionText('OFFSETS_MOVED', 'keep')).toBe("run({ accept: { OFFSETS_MOVED: 'keep' } })")
})

test('what is a choice is taken', () => {
  checkChoices({})
  checkChoices({ OFFSETS_MOVED: 'follow', STATE_LOST: 'replay', PLAN_CHANGED: 'clear' })
  checkChoices({ PARTITIONS_CHANGED: undefined } as never)
})

test.each([
  [{ OFFSETS_MOVED: 'clear' }, 'got OFFSETS_MOVED: "clear"'],
  [{ FENCED: 'keep' }, 'got FENCED: "keep"'],
  [{ constructor: 'keep' }, 'got constructor: "keep"'],
  [{ PLAN_CHANGED: true }, 'got PLAN_CHANGED: true'],
])('%j is refused, with what there is', (accept, got) => {
  const check = () => checkChoices(accept as VerdictChoices)
  expect(check).toThrow("INVALID_ARGUMENT: accept takes OFFSETS_MOVED: 'keep' or 'follow'; STATE")
  expect(check).toThrow(got)
})
