import { describe, expect, test } from 'vitest'
import { t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { fromArray } from '../../source/array-source.ts'
import type { Source, SourceReader } from '../../source/source.ts'
import { failedQuestions } from './failed-questions.ts'
import { testSource } from './source.ts'

const Numbered = schema({ n: t.int32() })
const ROWS = Array.from({ length: 10 }, (_, n) => ({ n }))

/** @param fault changes a reader; told whether it need not give all records. */
function failed(
  fault: (reader: SourceReader, isForSome: boolean) => Partial<SourceReader>,
): Promise<string[]> {
  const sound = fromArray(ROWS, { schema: Numbered })
  const faulty = Object.freeze<Source>({
    ...sound,
    open: async (partition, position, context) => {
      const reader = await sound.open(partition, position)
      const faults = fault(reader, context?.wanted !== undefined)
      return { read: max => reader.read(max), close: () => reader.close(), ...faults }
    },
  })
  return failedQuestions(expect, hooks => testSource(hooks, () => faulty))
}

describe('the exam finds', () => {
  test('nothing in a sound source', async () => {
    expect(await failed(() => ({}))).toEqual([])
  })

  test('a reader that gives more than was asked for', async () => {
    const failures = await failed(reader => ({ read: max => reader.read(max + 1) }))
    expect(failures).toContain('gives the same records whatever is read at once, and never more')
  })

  test('a position that is one behind', async () => {
    const failures = await failed(reader => ({
      read: async max => {
        const chunk = await reader.read(max)
        return { ...chunk, position: String(Number(chunk.position) - 1) }
      },
    }))
    expect(failures).toEqual([
      'goes on from every position it gave, as short printable text',
      'a read of no records gives the position where the reader stands',
    ])
  })

  test('cells that do not fit the schema', async () => {
    const failures = await failed(reader => ({
      read: async max => {
        const chunk = await reader.read(max)
        return { ...chunk, records: chunk.records.map(() => ({ value: { n: '1' } })) }
      },
    }))
    expect(failures).toEqual(['gives checked cells and whole timestamps'])
  })

  test('a record that is left out though it is wanted, or not counted', async () => {
    const leaving = (count: number, leftOut: number) =>
      failed((reader, isForSome) => ({
        read: async max => {
          const chunk = await reader.read(max)
          if (!isForSome || chunk.records[0]?.value['n'] !== 4) return chunk
          return { ...chunk, records: chunk.records.slice(count), leftOut }
        },
      }))
    const question = 'leaves out none that is wanted, and counts those that it leaves out'
    expect(await leaving(1, 1)).toEqual([])
    expect(await leaving(2, 2)).toEqual([question])
    expect(await leaving(1, 0)).toEqual([question])
  })
})
