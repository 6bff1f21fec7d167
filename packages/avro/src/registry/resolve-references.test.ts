import { expect, test } from 'vitest'
import type { SchemaAnswer, SchemaReference } from './registry-answers.ts'
import { REFERENCE_BOUNDS, resolveReferences } from './resolve-references.ts'

const BOUNDS = { ...REFERENCE_BOUNDS, bytesMax: 10_000 }

function answer(schema: string, references: readonly SchemaReference[] = []): SchemaAnswer {
  const nothing = { id: null, guid: null, subject: null, version: null, metadata: null }
  return { schema, schemaType: 'AVRO', references, ruleSet: null, ...nothing }
}

function to(name: string, subject = name, version = 1): SchemaReference {
  return { name, subject, version }
}

function registryOf(subjects: Readonly<Record<string, SchemaAnswer>>) {
  const asked: string[] = []
  const fetchVersion = async (subject: string, version: number) => {
    asked.push(`${subject}/${version}`)
    return subjects[subject]!
  }
  return { asked, fetchVersion }
}

test('each comes once, behind what it needs', async () => {
  const { asked, fetchVersion } = registryOf({
    money: answer('M'),
    person: answer('P', [to('address'), to('money')]),
    address: answer('A'),
  })
  const order = answer('O', [to('person'), to('money')])
  const resolved = await resolveReferences(order, '.', fetchVersion, BOUNDS)
  expect(resolved.map(({ schema }) => schema)).toEqual(['A', 'M', 'P'])
  expect(asked).toEqual(['person/1', 'address/1', 'money/1'])
})

test('a subject without context is in that of the schema that names it', async () => {
  const { asked, fetchVersion } = registryOf({
    ':.a:money': answer('M', [to('unit', ':.b:unit')]),
    ':.b:unit': answer('U', [to('symbol')]),
    ':.b:symbol': answer('S'),
  })
  await resolveReferences(answer('O', [to('money')]), '.a', fetchVersion, BOUNDS)
  expect(asked).toEqual([':.a:money/1', ':.b:unit/1', ':.b:symbol/1'])
})

test('a cycle is refused', async () => {
  const { fetchVersion } = registryOf({ a: answer('A', [to('b')]), b: answer('B', [to('a')]) })
  await expect(
    resolveReferences(answer('O', [to('a')]), '.', fetchVersion, BOUNDS),
  ).rejects.toThrow('a (a version 1) needs itself')
})

test('a registry that makes up more and more is refused', async () => {
  const deeper = async (subject: string, version: number) =>
    answer('S', [to(subject, subject, version + 1)])
  await expect(resolveReferences(answer('O', [to('a')]), '.', deeper, BOUNDS)).rejects.toThrow(
    'deeper than 50',
  )
  const many = Array.from({ length: 501 }, (_, nth) => to(`s${nth}`))
  const flat = async () => answer('S')
  await expect(resolveReferences(answer('O', many), '.', flat, BOUNDS)).rejects.toThrow(
    'more than 500 schemas',
  )
  const large = async () => answer('x'.repeat(6_000))
  const two = answer('O', [to('a'), to('b')])
  await expect(resolveReferences(two, '.', large, BOUNDS)).rejects.toThrow('more than 10000 bytes')
})
