import { expect, test } from 'vitest'
import { fromArray } from '../source/array-source.ts'
import { Application } from './application.ts'
import { resumeName } from './source-options.ts'

const source = fromArray([{ n: 1 }])

test('the name is the one given, and none where there is none', () => {
  expect(resumeName({ resume: 'flights-2.a_b' }, true)).toBe('flights-2.a_b')
  expect([resumeName({}, true), resumeName({}, false)]).toEqual([null, null])
})

test.each([true, '', 'a b', 'ä', 'x'.repeat(101), 7])('%j is no name', resume => {
  expect(() => resumeName({ resume: resume as string }, true)).toThrow(
    /INVALID_ARGUMENT: resume is a name of 1 to 100 letters/,
  )
})

test('what is no option is named', () => {
  expect(() => resumeName({ resumes: 'a' } as object, true)).toThrow('takes { resume }')
})

test('without a broker there is nowhere to keep it', () => {
  const app = new Application({ id: 'app' })
  expect(() => app.dataframe(source, { resume: 'a' })).toThrow(
    /NOT_SUPPORTED: where a source goes on is kept in Kafka, and the application has no broker/,
  )
})
