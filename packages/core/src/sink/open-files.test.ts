import { expect, test } from 'vitest'
import { t } from '../schema/data-type.ts'
import { type Schema, schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { csv } from './csv-format.ts'
import type { FileFormat } from './file-format.ts'
import { OpenFiles } from './open-files.ts'
import { PartitionFolders } from './partition-folders.ts'

const Row = schema({ n: t.float64(), to: t.int32() })
const PLACE = { name: 'test', partition: 0, firstOffset: 0 }
const batchOf = (ns: readonly number[], of: Schema = Row) =>
  sourceBatch(
    ns.map(n => ({ value: { n, to: n } })),
    of,
    'all',
    PLACE,
  )

function opened(options: { rows?: number; bytes?: number; by?: string[]; format?: FileFormat }) {
  const ended: [string, string][] = []
  const files = new OpenFiles({
    format: options.format ?? csv({ header: false }),
    fileBytesMax: options.bytes ?? 1_000,
    fileRowsMax: options.rows ?? 1_000,
    folders: options.by === undefined ? null : new PartitionFolders(options.by),
    ended: ({ bytes, folder }) => void ended.push([folder, Buffer.from(bytes).toString()]),
  })
  return { files, ended }
}

test('a file is ended at its rows, at its bytes, or when asked', () => {
  const byRows = opened({ rows: 2 })
  byRows.files.write(batchOf([1, 2, 3]))
  expect(byRows.ended).toEqual([['', '1,1\n2,2\n']])
  byRows.files.end()
  byRows.files.end()
  expect(byRows.ended).toEqual([
    ['', '1,1\n2,2\n'],
    ['', '3,3\n'],
  ])
  const byBytes = opened({ bytes: 5 })
  byBytes.files.write(batchOf([1, 2, 3]))
  expect(byBytes.ended).toEqual([['', '1,1\n2,2\n']])
  byBytes.files.reset()
  byBytes.files.end()
  expect(byBytes.ended).toHaveLength(1)
})

test('rows of another schema begin another file', () => {
  const { files, ended } = opened({})
  files.write(batchOf([1]))
  files.write(batchOf([2], schema({ n: t.float64(), to: t.int32() })))
  files.write(batchOf([3], schema({ n: t.int32() })))
  files.end()
  expect(ended).toEqual([
    ['', '1,1\n2,2\n'],
    ['', '3\n'],
  ])
})

test('each folder has a file; more than may be open end the largest', () => {
  const { files, ended } = opened({ by: ['to'] })
  files.write(batchOf([7, 7, ...Array.from({ length: 299 }, (_, i) => i + 100)]))
  expect(ended).toHaveLength(44)
  expect(ended[0]).toEqual(['to=7/', '7\n7\n'])
  files.end()
  expect(ended).toHaveLength(300)
  expect(new Set(ended.map(([folder]) => folder)).size).toBe(300)
})

test('more bytes than may be held end the largest', () => {
  const inner = csv({ header: false })
  const format: FileFormat = {
    ...inner,
    writer: () => {
      let size = 0
      return {
        get size() {
          return size
        },
        write: (_, __, { to }) => {
          size += 30 * 1024 * 1024
          return to
        },
        end: () => {
          size = 0
          return Buffer.from('end')
        },
        reset: () => {},
      }
    },
  }
  const { files, ended } = opened({ format, by: ['to'], bytes: 2 ** 40 })
  files.write(batchOf([1, 2]))
  expect(ended).toEqual([])
  files.write(batchOf([3]))
  expect(ended).toHaveLength(1)
})
