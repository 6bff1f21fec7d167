import { describe, expect, test } from 'vitest'
import { schemaAnswer, textsAnswer, wholeAnswer, wholesAnswer } from './registry-answers.ts'

const GUID = '89791762-2336-4186-9674-299B90A802E2'

test('what a registry leaves out is null', () => {
  expect(schemaAnswer({ schema: '"int"' }, 'schema id 1')).toEqual({
    schema: '"int"',
    schemaType: 'AVRO',
    references: [],
    id: null,
    guid: null,
    subject: null,
    version: null,
    metadata: null,
    ruleSet: null,
  })
  expect(schemaAnswer({ schema: '"int"', guid: GUID, references: null }, 'x')).toMatchObject({
    guid: GUID.toLowerCase(),
    references: [],
  })
})

describe('a registry that lies', () => {
  const reference = { name: 'A', subject: 'a', version: 1 }

  test.each<[string, unknown, string]>([
    ['no object', 7, 'expected an object, got 7'],
    ['no schema', {}, 'expected a text "schema", got nothing'],
    ['a schema that is no text', { schema: { type: 'int' } }, 'expected a text "schema"'],
    ['an id that is no number', { schema: '', id: '1' }, 'expected a whole number "id", got "1"'],
    ['an id with a fraction', { schema: '', id: 1.5 }, 'expected a whole number "id", got 1.5'],
    ['references that are no list', { schema: '', references: 7 }, 'at most 1000 "references"'],
    [
      'too many references',
      { schema: '', references: Array(1001).fill(reference) },
      'at most 1000 "references"',
    ],
    ['a bad reference', { schema: '', references: [{ name: 'A' }] }, '"name" and "subject"'],
    [
      'a reference without version',
      { schema: '', references: [{ ...reference, version: 'x' }] },
      'with "version"',
    ],
  ])('%s', (_, json, text) => {
    expect(() => schemaAnswer(json, 'schema id 1')).toThrow(text)
    expect(() => schemaAnswer(json, 'schema id 1')).toThrow(
      "REGISTRY_ANSWER_INVALID: the schema registry's answer for schema id 1",
    )
  })

  test('and other answers', () => {
    expect(() => wholeAnswer({}, 'id', 'x')).toThrow('expected a number "id", got nothing')
    expect(() => wholesAnswer([1, -1], 'x')).toThrow('a list of numbers')
    expect(() => textsAnswer(['a', 1], 'x')).toThrow('a list of texts')
    expect(() => schemaAnswer(Array(999).fill('long'), 'x')).toThrow(/^.{0,250}$/)
  })
})
