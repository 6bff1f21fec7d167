import { expect, test } from 'vitest'
import { parseSchema } from '../avro-schema/parse-schema.ts'
import { parseWhole } from '../registry/check-compatibility.ts'
import { schemaModule } from './schema-module.ts'

function moduleOf(schema: unknown, references: readonly { name: string; schema: object }[] = []) {
  return schemaModule(
    {
      ...{ id: 1, guid: null, metadata: null, ruleSet: null, subject: 's', version: 1 },
      schema: typeof schema === 'string' ? schema : JSON.stringify(schema),
      references: references.map(({ name, schema }) => ({
        ...{ name, subject: name, version: 1 },
        schema: JSON.stringify(schema),
      })),
    },
    null,
  )
}

/** What a program that has the module sees. */
function exported(text: string): unknown {
  const body = /export const \w+ = ([\s\S]*) as const/.exec(text)?.[1]
  return new Function(`return ${body}`)()
}

test('what is referred to is written out once, where it is used first', () => {
  const unit = { type: 'enum', name: 'Unit', namespace: 'base', symbols: ['KG'] }
  const line = {
    type: 'record',
    name: 'Line',
    namespace: 'shop',
    fields: [{ name: 'u', type: 'base.Unit' }],
  }
  const order = {
    type: 'record',
    name: 'Order',
    namespace: 'shop',
    fields: [
      { name: 'lines', type: { type: 'array', items: 'Line' } },
      { name: 'first', type: ['null', 'Line'] },
      { name: 'unit', type: 'base.Unit' },
    ],
  }
  const references = [
    { name: 'base.Unit', schema: unit },
    { name: 'shop.Line', schema: line },
  ]
  const whole = parseWhole({
    schema: JSON.stringify(order),
    references: references.map(({ name, schema }) => ({
      ...{ name, subject: name, version: 1 },
      schema: JSON.stringify(schema),
    })),
  })
  const text = moduleOf(order, references)
  expect(text).toContain('export const Order = {')
  expect(parseSchema(exported(text)).canonical).toBe(whole.canonical)
})

test('any text and any number is as it was', () => {
  const curly = ['$', '{x}'].join('')
  const schema =
    `{"type":"record","name":"R","doc":"it's \\"quoted\\" ${curly} \\u2028\\n\`","fields":[` +
    '{"name":"__proto__","type":"long","default":9007199254740993},' +
    '{"name":"m","type":{"type":"map","values":"int"},"default":{"__proto__":1,"a-b":2}}]}'
  const value = exported(moduleOf(schema)) as { doc: string; fields: { default: never }[] }
  expect(value.doc).toBe(`it's "quoted" ${curly} \u2028\n\``)
  expect(value.fields[0]?.default).toBe(9007199254740993n)
  expect(Object.entries(value.fields[1]?.default ?? {})).toEqual([
    ['__proto__', 1],
    ['a-b', 2],
  ])
})

test('a subject whose name would end the comment does not', () => {
  const text = schemaModule(
    {
      ...{ id: 1, guid: null, metadata: null, ruleSet: null, references: [], version: 1 },
      subject: 'a\nprocess.exit()',
      schema: '"int"',
    },
    null,
  )
  expect(text.split('\n').filter(line => line.startsWith('process'))).toEqual([])
  expect(text).toContain("export const Schema = 'int' as const")
})
