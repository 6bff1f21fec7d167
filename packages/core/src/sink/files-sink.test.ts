import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localFolder } from '../object-store/local-folder.ts'
import { memoryStore } from '../object-store/memory-store.ts'
import { allNames, type ObjectStore } from '../object-store/object-store.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { sourceBatch } from '../source/source-batch.ts'
import { testSink } from '../testing/conformance/sink.ts'
import { sinkContext } from '../testing/sink-context.ts'
import { csv } from './csv-format.ts'
import { jsonLines } from './file-format.ts'
import { type FilesSinkOptions, filesSink } from './files-sink.ts'
import type { Sink, SinkDefinition } from './sink.ts'

const hooks = { describe, test, expect }
const Row = schema({ id: t.string(), n: t.float64() })
const PLACE = { name: 'test', partition: 0, firstOffset: 0 }

let folder: string
let next = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-files-sink-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** What a reader finds: files with the extension, whatever folder they are in. */
async function plainRead(path: string, extension: string): Promise<string[]> {
  const names = await readdir(path, { recursive: true }).catch(() => [])
  const files = names.filter(name => name.endsWith(extension)).sort()
  const texts = await Promise.all(files.map(name => readFile(join(path, name), 'utf8')))
  return texts.flatMap(text => text.trimEnd().split('\n'))
}

describe.each([undefined, 'out/', 'deep/er/day-'])('prefix %s', prefix => {
  const options: FilesSinkOptions = prefix === undefined ? {} : { prefix }
  describe('JSON lines in a folder', () => {
    testSink(hooks, () => {
      const path = join(folder, String(next++))
      return {
        definition: filesSink(localFolder(path), options),
        visible: async () => (await plainRead(path, '.jsonl')).map(line => JSON.parse(line).id),
      }
    })
  })
})

describe('CSV of one row a file, in memory', () => {
  testSink(hooks, () => {
    const store = memoryStore()
    return {
      definition: filesSink(store, { format: csv({ header: false }), fileBytesMax: 1 }),
      visible: async () => (await visibleIn(store)).map(([, text]) => text.split(',')[0] as string),
    }
  })
})

describe('files in folders', () => {
  testSink(hooks, () => {
    const store = memoryStore()
    const format = csv({ header: false })
    return {
      definition: filesSink(store, {
        format,
        partitionBy: ['note'],
        fileRowsMax: 1,
        prefix: 'a/b',
      }),
      visible: async () => {
        const ids = (await visibleIn(store)).map(([, text]) => text.split(',')[0] as string)
        return ids.sort()
      },
    }
  })
})

async function visibleIn(store: ObjectStore): Promise<[string, string][]> {
  const files: [string, string][] = []
  for await (const name of allNames(store, '')) {
    if (/(^|\/)\./.test(name)) continue
    files.push([name, Buffer.from((await store.get(name, 0, 1e6)) ?? []).toString()])
  }
  // Numbers of files in an epoch are not padded.
  return files.sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
}

async function started(definition: SinkDefinition, task = '0/0'): Promise<Sink> {
  const sink = definition.create(task)
  await sink.open(sinkContext())
  await sink.recover([])
  return sink
}

async function write(sink: Sink, ids: readonly string[], n = 1): Promise<void> {
  await sink.write(
    sourceBatch(
      ids.map(id => ({ value: { id, n } })),
      Row,
      'all',
      PLACE,
    ),
  )
}

test('names say task and epoch; a file of CSV begins with the columns', async () => {
  const store = memoryStore()
  const sink = await started(filesSink(store, { format: csv(), prefix: 'a/b-' }), '1/3')
  await write(sink, ['x', 'y'])
  const receipt = await sink.prepare(7)
  expect(await store.list('')).toEqual([
    expect.stringMatching(/^a\/\.b-task-1-3\.0{10}\.\w{12}\.0\.staged$/),
  ])
  await sink.commit(7, receipt)
  expect(await visibleIn(store)).toEqual([
    ['a/b-task-1-3-epoch-0000000007-0.csv', 'id,n\nx,1\ny,1\n'],
  ])
  expect(await sink.prepare(8)).toBe(null)
})

test('rows are in folders by their values, the folders gone when all are visible', async () => {
  const store = memoryStore()
  const definition = filesSink(store, { format: csv(), prefix: 'out/', partitionBy: ['id'] })
  const sink = await started(definition)
  await write(sink, ['x', 'y', 'x'])
  const receipt = await sink.prepare(7)
  expect(await store.list('')).toHaveLength(3)
  await sink.commit(7, receipt)
  const files = [
    ['out/id=x/task-0-0-epoch-0000000007-0.csv', 'n\n1\n1\n'],
    ['out/id=y/task-0-0-epoch-0000000007-1.csv', 'n\n1\n'],
  ]
  expect(await visibleIn(store)).toEqual(files)
  expect(await store.list('out/.')).toEqual([])
  await definition.create('0/0').recover([{ epoch: 7, receipt }])
  await expect(definition.create('0/0').recover([])).rejects.toThrow('written by an earlier run')
  await definition.create('0/1').recover([])
  expect(await visibleIn(store)).toEqual(files)
})

test('folders that went before their files were visible stop the run', async () => {
  const store = memoryStore()
  const definition = filesSink(store, { format: csv(), partitionBy: ['id'] })
  const sink = await started(definition)
  await write(sink, ['x'])
  const receipt = await sink.prepare(1)
  const [, folders] = await store.list('.')
  await store.remove(folders as string)
  const later = definition.create('0/0')
  await expect(later.recover([{ epoch: 1, receipt }])).rejects.toThrow('SINK_FAILED')
})

test('files are cut by their bytes and appear together', async () => {
  const store = memoryStore()
  const sink = await started(filesSink(store, { fileBytesMax: 40 }))
  for (let i = 0; i < 5; i++) await write(sink, [`row ${i}`, `row ${i}b`])
  const receipt = await sink.prepare(1)
  expect(await visibleIn(store)).toEqual([])
  await sink.commit(1, receipt)
  const files = await visibleIn(store)
  expect(files.map(([name]) => name)).toEqual(
    [0, 1, 2, 3, 4].map(n => `task-0-0-epoch-0000000001-${n}.jsonl`),
  )
  expect(files.flatMap(([, text]) => text.trimEnd().split('\n'))).toHaveLength(10)
})

test('a row that the format cannot hold leaves nothing of itself', async () => {
  const store = memoryStore()
  const sink = await started(filesSink(store))
  await write(sink, ['a'])
  await expect(write(sink, ['b'], Number.NaN)).rejects.toThrow('ENCODE_FAILED')
  await write(sink, ['c'])
  await sink.commit(1, await sink.prepare(1))
  expect((await visibleIn(store))[0]?.[1]).toBe('{"id":"a","n":1}\n{"id":"c","n":1}\n')
})

test('a store that fails fails the epoch, which can be given up and written again', async () => {
  const inner = memoryStore()
  let isFull = true
  const store: ObjectStore = {
    ...pass(inner),
    put: async (name, bytes) => {
      if (isFull) throw new Error('full')
      await inner.put(name, bytes)
    },
  }
  const sink = await started(filesSink(store, { fileBytesMax: 1 }))
  // One file may be on its way while the next is filled.
  await write(sink, ['a'])
  await expect(write(sink, ['a'])).rejects.toThrow('full')
  await expect(sink.prepare(1)).rejects.toThrow('full')
  await sink.abort(1)
  isFull = false
  await write(sink, ['b'])
  await sink.commit(1, await sink.prepare(1))
  expect((await visibleIn(inner)).map(([, text]) => text)).toEqual(['{"id":"b","n":1}\n'])
})

function pass(store: ObjectStore): ObjectStore {
  return {
    name: store.name,
    put: (name, bytes) => store.put(name, bytes),
    size: name => store.size(name),
    get: (name, start, end) => store.get(name, start, end),
    rename: (from, to) => store.rename(from, to),
    list: (prefix, page) => store.list(prefix, page),
    remove: name => store.remove(name),
    sweep: (prefix, before) => store.sweep(prefix, before),
  }
}

test('a crash in the middle of a commit is finished by the next process', async () => {
  const inner = memoryStore()
  let renames = 0
  const store: ObjectStore = {
    ...pass(inner),
    rename: async (from, to) => {
      if (++renames === 2) throw new Error('crash')
      await inner.rename(from, to)
    },
  }
  const definition = filesSink(store, { fileBytesMax: 1 })
  const crashed = await started(definition)
  await write(crashed, ['a', 'b', 'c'])
  const receipt = await crashed.prepare(4)
  await expect(crashed.commit(4, receipt)).rejects.toThrow('crash')
  const sink = definition.create('0/0')
  await sink.recover([{ epoch: 4, receipt }])
  const ids = (await visibleIn(inner)).map(([, text]) => JSON.parse(text).id)
  expect(ids).toEqual(['a', 'b', 'c'])
  expect(await inner.list('.')).toEqual([])
})

test('one whose task was taken from it harms nobody, and its files go', async () => {
  const store = memoryStore()
  const definition = filesSink(store)
  const zombie = await started(definition)
  await write(zombie, ['zombie'])
  const owner = await started(definition)
  await write(owner, ['a'])
  const receipt = await owner.prepare(1)
  await zombie.prepare(1)
  await write(zombie, ['zombie too'])
  expect(await store.list('.')).toHaveLength(2)
  await owner.commit(1, receipt)
  expect(await store.list('.')).toEqual([])
  await zombie.prepare(2)
  await write(owner, ['b'])
  await owner.commit(2, await owner.prepare(2))
  expect(await store.list('.')).toHaveLength(1)
  for (let epoch = 3; epoch <= 101; epoch++) await owner.commit(epoch, await owner.prepare(epoch))
  expect(await store.list('.')).toEqual([])
  await zombie.abort(2)
  expect((await visibleIn(store)).map(([, text]) => JSON.parse(text).id)).toEqual(['a', 'b'])
})

test('one that recovers an old epoch removes nothing of the next owner', async () => {
  const path = join(folder, String(next++))
  const store = localFolder(path)
  const definition = filesSink(store, { fileBytesMax: 40 })
  const first = await started(definition)
  await write(first, ['a'])
  const committed = [{ epoch: 5, receipt: await first.prepare(5) }]
  // What is left by one that got no further, in whole files and half ones.
  await write(first, ['given up', 'in a whole file'])
  await first.close()
  await writeFile(join(path, '..task-0-0.0000000006.dead.0.staged.0123456789ab~'), 'half')
  await writeFile(join(path, '..task-0-0.0000000005.dead.0.staged.0123456789ab~'), 'half')
  const owner = definition.create('0/0')
  await owner.recover(committed)
  await write(owner, ['b', 'in a file of its own'])
  const zombie = definition.create('0/0')
  await zombie.recover(committed)
  const hidden = async () => (await readdir(path)).filter(name => name.startsWith('.')).sort()
  await expect
    .poll(hidden)
    .toEqual([
      '..task-0-0.0000000006.dead.0.staged.0123456789ab~',
      expect.stringContaining('.task-0-0.0000000006.'),
      expect.stringContaining('.task-0-0.0000000006.'),
    ])
  await owner.commit(6, await owner.prepare(6))
  expect(await hidden()).toEqual([])
  await zombie.recover(committed)
  expect((await plainRead(path, '.jsonl')).map(line => JSON.parse(line).id)).toEqual([
    'a',
    'b',
    'in a file of its own',
  ])
})

test('what was staged for an epoch that is far away is removed when it is there', async () => {
  const store = memoryStore()
  const far = '.task-0-0.0000000003.0a1b2c3d4e5f.0.staged'
  await store.put(far, Buffer.from('x'))
  const sink = await started(filesSink(store))
  for (const epoch of [0, 1, 2]) await sink.commit(epoch, await sink.prepare(epoch))
  expect(await store.list('.')).toEqual([far])
  await sink.commit(3, await sink.prepare(3))
  expect(await store.list('.')).toEqual([])
})

test('committed files that a reader took away are not missed; a staged one is', async () => {
  const store = memoryStore()
  const definition = filesSink(store)
  const sink = await started(definition)
  await write(sink, ['a'])
  const receipt = await sink.prepare(1)
  await sink.commit(1, receipt)
  for (const [name] of await visibleIn(store)) await store.remove(name)
  const later = definition.create('0/0')
  await later.recover([{ epoch: 1, receipt }])

  await write(later, ['b'])
  const second = await later.prepare(2)
  for (const name of await store.list('.')) await store.remove(name)
  await expect(later.commit(2, second)).rejects.toThrow(
    /^SINK_FAILED: .*staged has gone from memory/,
  )
})

test('a later file that has gone while an earlier one is staged is missed by all', async () => {
  const store = memoryStore()
  const definition = filesSink(store, { fileBytesMax: 1 })
  const crashed = await started(definition)
  await write(crashed, ['a', 'b'])
  const receipt = await crashed.prepare(1)
  const [, second] = await store.list('.')
  await store.remove(String(second))
  await expect(definition.create('0/0').recover([{ epoch: 1, receipt }])).rejects.toThrow(
    /^SINK_FAILED: .*1\.staged has gone from memory before it was made visible/,
  )
})

test('an epoch is finished under the prefix it was begun with', async () => {
  const store = memoryStore()
  const crashed = await started(filesSink(store, { prefix: 'old/' }))
  await write(crashed, ['a'])
  const receipt = await crashed.prepare(1)
  const later = filesSink(store, { prefix: 'new/', format: csv() }).create('0/0')
  await later.recover([{ epoch: 1, receipt }])
  expect((await visibleIn(store)).map(([name]) => name)).toEqual([
    'old/task-0-0-epoch-0000000001-0.jsonl',
  ])
})

test('a run that begins anew where files are is refused', async () => {
  const store = memoryStore()
  const definition = filesSink(store, { prefix: 'out/' })
  const sink = await started(definition)
  await write(sink, ['a'])
  const receipt = await sink.prepare(3)
  await sink.commit(3, receipt)
  await expect(started(definition)).rejects.toThrow(
    'SINK_FAILED: out/task-0-0-epoch-0000000003-0.jsonl in memory was written by an earlier run, ' +
      'and this one begins anew: going on would write its rows twice. Remove the files of that ' +
      'run, which begin with out/task-, or choose another prefix. (If another process of this ' +
      'application has just taken the task over, remove nothing and start this one again.)',
  )
  await definition.create('0/0').recover([{ epoch: 3, receipt }])
  await started(definition, '0/1')
})

test('two sinks that write the same files are told, and no row is replaced', async () => {
  const store = memoryStore()
  const sinks = [await started(filesSink(store)), await started(filesSink(store))]
  for (const [i, sink] of sinks.entries()) await write(sink, [`of ${i}`])
  const receipts = [await sinks[0]?.prepare(1), await sinks[1]?.prepare(1)]
  await sinks[0]?.commit(1, receipts[0] as Uint8Array)
  await expect(sinks[1]?.commit(1, receipts[1] as Uint8Array)).rejects.toThrow('with other rows')
  expect((await visibleIn(store)).map(([, text]) => JSON.parse(text).id)).toEqual(['of 0'])
})

test('mistakes are thrown where they are written', () => {
  const store = memoryStore()
  expect(() => filesSink(store, { prefix: '../out' })).toThrow('it has a part ..')
  expect(() => filesSink(store, { prefix: '/out/' })).toThrow('absolute')
  expect(() => filesSink(store, { fileBytesMax: 0 })).toThrow('a whole number above 0; got 0')
  const open = schema({})
  expect(() => filesSink(store, { format: jsonLines() }).check?.(open)).not.toThrow()
})
