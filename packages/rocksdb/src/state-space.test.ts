import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { contextOf, temporaryFolder } from '../test/temporary-folder.ts'
import type { Database } from './engine.ts'
import { rocksdb } from './rocksdb.ts'
import { type Access, DiskSpace } from './state-space.ts'

const COUNTS = { keysRead: 0, keysFound: 0, entriesWritten: 0, bytesWritten: 0 }
const entry = (key: string, value: string | null) => ({
  key: Buffer.from(key),
  value: value === null ? null : Buffer.from(value),
})

/** A database in memory; `calls` are the changes made to it. It ends at the `endsAt`th. */
function scripted(endsAt = Number.POSITIVE_INFINITY) {
  const values = new Map<string, Buffer>()
  const calls: string[] = []
  const step = (call: string): void => {
    if (calls.length >= endsAt) throw new Error('the process ends here')
    calls.push(call)
  }
  const database = {
    getMany: async (keys: Buffer[]) => keys.map(key => values.get(key.toString('hex'))),
    async write(changes: Parameters<Database['write']>[0]) {
      step(changes.map(change => `${change.type} ${change.key.toString('hex')}`).join(', '))
      for (const change of changes) {
        if (change.type === 'put') values.set(change.key.toString('hex'), change.value)
        else values.delete(change.key.toString('hex'))
      }
    },
    async clear(from: Buffer) {
      step(`clear ${from.toString('hex')}`)
      for (const key of values.keys()) if (key.startsWith(from.toString('hex'))) values.delete(key)
    },
  } as unknown as Database
  const access: Access = {
    read: work => work(database),
    write: work => work(database, false),
    onClose() {},
  }
  return { access, values, calls, revive: () => (endsAt = Number.POSITIVE_INFINITY) }
}

test('a batch is one write', async () => {
  const { access, calls } = scripted()
  await new DiskSpace('a', access, { ...COUNTS }).write([entry('1', 'x'), entry('2', null)])
  expect(calls).toEqual(['put 01016131, del 01016132'])
})

test('what is written later is in force later, though nobody waits', async () => {
  const { access, calls } = scripted()
  const open: (() => void)[] = []
  const slow: Access = {
    ...access,
    write: work => new Promise<void>(resolve => open.push(resolve)).then(() => access.write(work)),
  }
  const space = new DiskSpace('a', slow, { ...COUNTS })
  const writes = ['x', 'y', 'z'].map(value => space.write([entry('1', value)]))
  await setImmediate()
  expect(open).toHaveLength(1)
  for (let nth = 0; nth < 3; nth++) {
    open[nth]?.()
    await writes[nth]
    await setImmediate()
    expect(calls).toHaveLength(nth + 1)
  }
  expect(String(await space.getMany([Buffer.from('1')]))).toBe('z')
})

test('a write that fails fails the later ones alone that do', async () => {
  const { access } = scripted()
  let nth = 0
  const failing: Access = {
    ...access,
    write: work => (nth++ === 0 ? Promise.reject(new Error('full')) : access.write(work)),
  }
  const space = new DiskSpace('a', failing, { ...COUNTS })
  const [first, second] = ['x', 'y'].map(value => space.write([entry('1', value)]))
  await expect(first).rejects.toThrow('full')
  await expect(second).resolves.toBe(undefined)
})

test.each([0, 1, 2])(
  'a clear that ends after %i of its steps is done whole or not at all',
  async steps => {
    const database = scripted(1 + steps)
    const space = new DiskSpace('a', database.access, { ...COUNTS })
    await space.write([entry('1', 'x')])
    await expect(space.clear()).rejects.toThrow('the process ends here')
    database.revive()

    const next = new DiskSpace('a', database.access, { ...COUNTS })
    await next.recover()
    const [value] = await next.getMany([Buffer.from('1')])
    expect(value === null).toBe(steps > 0)
    expect(database.values.size).toBe(steps > 0 ? 0 : 1)
  },
)

test('a clear in one space leaves the clears of others to them', async () => {
  const { access, calls } = scripted()
  await new DiskSpace('ab', access, { ...COUNTS }).recover()
  expect(calls).toEqual([])
})

test('a scan ends with its space, whatever comes behind', async () => {
  const backend = await rocksdb(temporaryFolder()).create(contextOf())
  const [one, two] = [await backend.open('a'), await backend.open('b')]
  await two.write([entry('', 'behind')])
  await one.write([{ key: Buffer.of(255, 255, 255), value: Buffer.from('last') }])
  const entries = await one.scan(Buffer.of(255), null, 10)
  expect(entries.map(({ value }) => String(value))).toEqual(['last'])
  expect(await one.scan(Buffer.of(3), Buffer.of(2), 10)).toEqual([])
  await backend.close()
})
