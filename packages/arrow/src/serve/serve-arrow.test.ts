import { connect } from 'node:net'
import { Application, fromArray, schema, t } from '@millrace/core'
import { tableFromIPC } from 'apache-arrow'
import { expect, test } from 'vitest'
import { LiveTable } from './live-table.ts'
import { serveArrow } from './serve-arrow.ts'
import { toArrowTable } from './to-arrow-table.ts'

const Row = schema({ n: t.int32(), text: t.string() })
const rows = Array.from({ length: 1_000 }, (_, n) => ({ n, text: `text ${n % 7}` }))

async function served(options: Parameters<typeof serveArrow>[1] = {}) {
  const app = new Application({ id: 'served' })
  const table = await serveArrow(app.dataframe(fromArray(rows, { schema: Row })), options)
  return { app, table }
}

async function read(url: string): Promise<object[]> {
  const response = await fetch(url)
  const table = tableFromIPC(new Uint8Array(await response.arrayBuffer()))
  return table.toArray().map(row => row?.toJSON())
}

test('gives the committed rows, none before', async () => {
  const { app, table } = await served()
  expect(await read(table.url)).toEqual([])
  await app.run()
  expect(await read(table.url)).toEqual(rows)
  await table.close()
  await table.close()
})

test('goes on with what is committed for a reader that follows', async () => {
  const { app, table } = await served()
  const response = await fetch(`${table.url}&follow=1`)
  await app.run()
  const chunks: Uint8Array[] = []
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const found = () => {
    try {
      return tableFromIPC(Buffer.concat(chunks)).numRows
    } catch {
      return 0
    }
  }
  while (found() < rows.length) chunks.push((await reader.read()).value as Uint8Array)
  expect(found()).toBe(rows.length)
  await reader.cancel()
  await table.close()
})

test('is for whoever has the token, for GET, on this machine, for so many at once', async () => {
  const { table } = await served({ token: 'secret', readersMax: 1 })
  const url = new URL(table.url)
  expect(url.hostname).toBe('127.0.0.1')
  const status = async (path: string, init: RequestInit = {}) =>
    (await fetch(new URL(path, url), init)).status
  expect(await status('/')).toBe(401)
  expect(await status('/?token=secreT')).toBe(401)
  expect(await status('/', { headers: { authorization: 'Bearer secret' } })).toBe(200)
  expect(await status('/?token=secret', { method: 'POST' })).toBe(405)
  expect(await status('/x?token=secret')).toBe(404)
  const first = await fetch(`${table.url}&follow=1`)
  expect(await status('/?token=secret')).toBe(503)
  await first.body?.cancel()
  await table.close()
})

test('a reader that falls behind is cut off', async () => {
  const app = new Application({ id: 'big' })
  const text = 'x'.repeat(30_000)
  const big = rows.map(row => ({ ...row, text }))
  const frame = app.dataframe(fromArray(big, { schema: Row }))
  const table = await serveArrow(frame, { bytesMax: 1024 * 1024 })
  const { port, search } = new URL(table.url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.on('error', () => {})
  socket.write(`GET /${search}&follow=1 HTTP/1.1\r\nhost: x\r\n\r\n`)
  let bytes = await new Promise<number>(resolve => {
    socket.once('data', data => {
      socket.pause()
      resolve(data.length)
    })
  })
  await app.run()
  socket.on('data', data => {
    bytes += data.length
  })
  // Nothing but being cut off ends one that follows.
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.resume()
  await closed
  expect(bytes).toBeLessThan(30_000_000)
  await table.close()
})

test('options that mean nothing, and a port that is taken, are refused', async () => {
  await expect(served({ rowsMax: 0 })).rejects.toThrow('INVALID_ARGUMENT')
  await expect(served({ token: '' })).rejects.toThrow('INVALID_ARGUMENT')
  const { table } = await served()
  const port = Number(new URL(table.url).port)
  await expect(served({ port })).rejects.toThrow('SINK_FAILED')
  await table.close()
})

test('what is kept is bounded by rows, bytes and age', () => {
  let now = 0
  const sizes = (bounds: object, adds: number) => {
    const table = new LiveTable(
      { rowsMax: 1e9, bytesMax: 1e9, ageMsMax: 1e9, ...bounds },
      () => now,
    )
    for (let i = 0; i < adds; i++) {
      table.add(Buffer.alloc(100), 10)
      now += 10
    }
    return table.batches().length
  }
  expect(sizes({ rowsMax: 25 }, 10)).toBe(3)
  expect(sizes({ bytesMax: 250 }, 10)).toBe(2)
  expect(sizes({ ageMsMax: 30 }, 10)).toBe(3)
})

test('a frame read to its end is a table', async () => {
  const frame = new Application({ id: 'table' }).dataframe(fromArray(rows, { schema: Row }))
  const table = await toArrowTable(
    frame.where(c => c.n.lt(100)),
    {
      until: 'end',
      dictionary: ['text'],
    },
  )
  expect(table.numRows).toBe(100)
  expect(table.toArray().map(row => row?.toJSON())).toEqual(rows.slice(0, 100))
  expect((await toArrowTable(frame.where(c => c.n.lt(0)))).numRows).toBe(0)
})
