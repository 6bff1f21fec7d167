import { columnOf, schema, t } from '@millrace/core'
import { tableFromIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { BatchGatherer } from '../bridge/batch-gatherer.ts'
import { batchMessage, dictionaryMessage } from './ipc-messages.ts'
import { type IpcKind, IpcOutput } from './ipc-output.ts'
import { batchOfColumns } from './ipc-rows.ts'

const Row = schema({ name: t.string(), n: t.float64() })

/** Files with so many rows in each record batch; the memory of one is used for the next. */
function writer(kind: IpcKind, dictionary: readonly string[]) {
  const gatherer = new BatchGatherer(Row, { dictionary })
  const output = new IpcOutput(kind, gatherer.schema)
  return {
    output,
    file: (...counts: readonly number[]) => {
      for (const count of counts) {
        const names = Array.from({ length: count }, (_, i) => `name ${i % 7} of ${count}`)
        const columns = [
          columnOf(Row.typeOf('name'), names),
          columnOf(
            Row.typeOf('n'),
            names.map((_, i) => i / 4),
          ),
        ]
        const all = Int32Array.from(names, (_, i) => i)
        gatherer.append(batchOfColumns(Row, columns, count), all, 0, count)
        const gathered = gatherer.take()
        output.add(batchMessage(gathered, null))
        gatherer.giveBack(gathered)
      }
      const dictionaries = gatherer.takeDictionaries()
      return output.end(dictionaries.map((values, id) => dictionaryMessage(id, values, null)))
    },
  }
}

function namesIn(bytes: Uint8Array): string[] {
  return [...(tableFromIPC(bytes).getChild('name') ?? [])].map(String)
}

function expected(...counts: readonly number[]): string[] {
  return counts.flatMap(count =>
    Array.from({ length: count }, (_, i) => `name ${i % 7} of ${count}`),
  )
}

test.each([
  ['file', []],
  ['file', ['name']],
  ['stream', []],
  ['stream', ['name']],
] as const)(
  '%s with dictionaries %j: memory is used again, and nothing of it is seen',
  (kind, by) => {
    const { output, file } = writer(kind, by)
    expect(output.size).toBe(0)
    const first = file(3, 5_000, 0, 1)
    expect(namesIn(first)).toEqual(expected(3, 5_000, 1))
    const second = file(4_000)
    expect(namesIn(first)).toEqual(expected(3, 5_000, 1))
    output.recycle(first)
    const third = file(4_800, 2)
    expect(third.buffer).toBe(first.buffer)
    expect(namesIn(second)).toEqual(expected(4_000))
    expect(namesIn(third)).toEqual(expected(4_800, 2))
    expect(namesIn(file())).toEqual([])
  },
)

test('what was begun is forgotten', () => {
  const { output, file } = writer('file', [])
  const gatherer = new BatchGatherer(Row)
  output.add(batchMessage(gatherer.take(), null))
  expect(output.size).toBeGreaterThan(0)
  output.reset()
  expect(output.size).toBe(0)
  expect(namesIn(file(2))).toEqual(expected(2))
})
