import { Client } from 'cassandra-driver'
import { expect, test } from 'vitest'
import { batchSender } from './batch-sender.ts'
import { type DriverExecution, type SendingParts, sendingParts } from './driver-parts.ts'
import { OutRow } from './out-row.ts'
import type { RowsRequest } from './rows-request.ts'
import { Slab } from './slab.ts'

const WRITE = 'INSERT …'
const REMOVE = 'DELETE …'
const OPTIONS = { prepare: true, logged: false }

function rowsOf(...rows: readonly (readonly [query: string, key: string])[]): OutRow[] {
  const slab = new Slab()
  const owner = { isOpen: true, acknowledged() {}, refused() {}, notApplied() {} }
  return rows.map(([query, key], index) => {
    slab.begin()
    slab.value(Buffer.from(key))
    return new OutRow({ query, keyAt: [0], weight: 0, owner, batch: {} as never }, index, slab)
  })
}

/** A client that knows both statements and calls no server. */
function newClient(): Client {
  const client = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'one' })
  client.connect = (async () => {}) as Client['connect']
  client.keyspace = 'ks'
  know(client, WRITE, 1)
  know(client, REMOVE, 2)
  return client
}

function know(client: Client, cql: string, id: number): void {
  const metadata = client.metadata as unknown as {
    getPreparedInfo(keyspace: string, cql: string): object
  }
  const column = { name: 'c', type: { code: 10 } }
  Object.assign(metadata.getPreparedInfo('ks', cql), {
    queryId: Buffer.alloc(16, id),
    meta: { keyspace: 'shop', columns: [column] },
  })
}

/** The driver's parts, with what is sent noted instead. */
function noting() {
  const sent: { request: RowsRequest; execution: DriverExecution }[] = []
  const parts = {
    ...(sendingParts as SendingParts),
    RequestHandler: {
      send: async (request: RowsRequest, execution: DriverExecution) => {
        sent.push({ request, execution })
      },
    },
  } as unknown as SendingParts
  return { sent, parts }
}

const encoder = { protocolVersion: 4, encode: (value: unknown) => value }

test('sends rows to the nodes of the first one, with the statements of all', async () => {
  const { sent, parts } = noting()
  const client = newClient()
  const send = batchSender(client, OPTIONS, parts)
  await send(rowsOf([WRITE, 'a'], [REMOVE, 'b'], [WRITE, 'c']))
  const [{ request, execution } = sent[0] as never] = sent
  expect(request.queries.map(({ query }) => query)).toEqual([WRITE, REMOVE, WRITE])
  expect(execution).toMatchObject({ _keyspace: 'shop', _routingKey: Buffer.from('a') })
  const ids = (frame: Buffer) => [1, 2].filter(id => frame.includes(Buffer.alloc(16, id)))
  expect(ids(request.write(encoder, 1))).toEqual([1, 2])
  // A server may give a statement another id, as when its table was made anew.
  know(client, WRITE, 3)
  await send(rowsOf([WRITE, 'a'], [WRITE, 'b']))
  const again = sent[1]?.request.write(encoder, 1) as Buffer
  expect([again.includes(Buffer.alloc(16, 3)), ids(again)]).toEqual([true, []])
})

test('what cannot be prepared fails the batch', async () => {
  const { parts, sent } = noting()
  const client = newClient()
  const send = batchSender(client, OPTIONS, parts)
  await expect(send(rowsOf(['SELECT nonsense', 'a'], [WRITE, 'b']))).rejects.toThrow()
  expect(sent).toEqual([])
})

test.each([
  ['the driver lacks the parts', (_: Client) => null],
  [
    'batches of the client are not the driver’s own',
    (client: Client) => {
      client.batch = client.batch.bind(client) as Client['batch']
      return noting().parts
    },
  ],
])('goes by `batch` of the client where %s', async (_, partsFor) => {
  const client = newClient()
  const parts = partsFor(client)
  const calls: unknown[] = []
  client.batch = (async (...args: unknown[]) => {
    calls.push(args)
  }) as unknown as Client['batch']
  await batchSender(client, OPTIONS, parts)(rowsOf([WRITE, 'a'], [REMOVE, 'b']))
  expect(calls).toEqual([
    [
      [
        { query: WRITE, params: [Buffer.from('a')] },
        { query: REMOVE, params: [Buffer.from('b')] },
      ],
      OPTIONS,
    ],
  ])
})
