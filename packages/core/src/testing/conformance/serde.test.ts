import { describe, expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { json } from '../../serde/json.ts'
import type { Decoded, Serde } from '../../serde/serde.ts'
import { failedQuestions } from './failed-questions.ts'
import { type SerdeSamples, testSerde } from './serde.ts'

const Pair = schema({ id: t.string(), n: t.int32() })
const SAMPLES: SerdeSamples = {
  rows: [
    { id: 'a', n: 1 },
    { id: 'b', n: 2 },
  ],
  bad: [{ bytes: Buffer.from('{"id":"a"}'), field: 'n' }],
  unwritable: [schema({ id: t.string() })],
}

function failed(fault: (serde: Serde) => Partial<Serde>, samples = SAMPLES): Promise<string[]> {
  const serde = json(Pair)
  const faulty = Object.freeze<Serde>({ ...serde, ...fault(serde) })
  return failedQuestions(expect, hooks => testSerde(hooks, () => faulty, samples))
}

function decoding(change: (decoded: Decoded) => Decoded) {
  return (serde: Serde): Partial<Serde> => ({
    decoder: read => {
      const decoder = serde.decoder(read)
      return { decode: ranges => change(decoder.decode(ranges)) }
    },
  })
}

describe('the exam finds', () => {
  test('nothing in a sound serde', async () => {
    expect(await failed(() => ({}))).toEqual([])
  })

  test('a decoder that hides failures', async () => {
    const hidden = await failed(decoding(decoded => ({ ...decoded, failures: [] })))
    expect(hidden).toEqual(['fails bad records where they stand and no other'])
  })

  test('a decoder that checks only the columns read', async () => {
    const lazy = await failed(serde => ({
      decoder: read => (read === 'all' ? serde : json(schema({}))).decoder(read),
    }))
    expect(lazy).toContain('fails the same records whatever columns are read')
  })

  test('an encoder that takes any schema, and one that begins anew', async () => {
    const any = await failed(serde => ({ encoder: () => serde.encoder(Pair) }))
    expect(any).toEqual(['refuses schemas it cannot write when the encoder is made'])
    const anew = await failed(serde => ({
      encoder: frame => {
        const encoder = serde.encoder(frame)
        return {
          encode: (batch, index, out) => {
            out.reset()
            encoder.encode(batch, index, out)
          },
        }
      },
    }))
    expect(anew).toEqual(['writes behind what is there, and the same bytes each time'])
  })

  test('a decoder that throws', async () => {
    const throwing = await failed(
      decoding(decoded => {
        if (decoded.failures.length > 0) throw new Error('bad input')
        return decoded
      }),
    )
    expect(throwing).toContain('never throws, whatever the bytes')
  })
})
