import { createRequire } from 'node:module'
import { Client } from 'cassandra-driver'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type DriverEncoder,
  type DriverExecution,
  type SendingParts,
  sendingParts,
} from './driver-parts.ts'
import { OutRow } from './out-row.ts'
import { type RowStatement, RowsRequest, rowStatement } from './rows-request.ts'
import { Slab } from './slab.ts'

const Encoder = createRequire(import.meta.url)('cassandra-driver/lib/encoder.js') as new (
  version: number,
  options: object,
) => DriverEncoder

const parts = sendingParts as SendingParts
const client = new Client({ contactPoints: ['127.0.0.1'], localDataCenter: 'one' })
const column = { name: 'c', type: { code: 3 } }
/** The text of a statement says how many values it has; ids have lengths of their own. */
const statements = new Map(
  [0, 1, 2, 3].map(count => {
    const meta = { columns: Array.from({ length: count }, () => column) }
    const queryId = Buffer.alloc(16 + count, count + 1)
    return [`${count}`, rowStatement({ queryId, meta })]
  }),
)

function rowsOf(rows: readonly (readonly (Uint8Array | null | undefined)[])[]): OutRow[] {
  const slab = new Slab()
  const owner = { isOpen: true, acknowledged() {}, refused() {}, notApplied() {} }
  return rows.map((values, index) => {
    slab.begin()
    for (const value of values) {
      if (value === null) slab.null()
      else if (value === undefined) slab.unset()
      else slab.value(value)
    }
    const origin = { query: `${values.length}`, keyAt: [], weight: 0, owner, batch: {} as never }
    return new OutRow(origin, index, slab)
  })
}

const OPTIONS = { prepare: true, logged: false, consistency: 6, timestamp: 1_750_000_000_000 }

function executionOf(options: object = {}): DriverExecution {
  return parts.DefaultExecutionOptions.create({ ...OPTIONS, ...options }, client)
}

function writtenByDriver(
  rows: readonly OutRow[],
  execution: DriverExecution,
  encoder: DriverEncoder,
) {
  const items = rows.map(({ query, params }) => {
    const { queryId, meta } = statements.get(query) as RowStatement
    return { query, params, queryId, meta }
  })
  const batch = new parts.BatchRequest(items, execution)
  return { frame: batch.write(encoder, 7), length: batch.length }
}

const value = fc.oneof(fc.uint8Array({ maxLength: 100 }), fc.constant(null), fc.constant(undefined))
const someRows = fc.array(fc.array(value, { maxLength: 3 }), { minLength: 1, maxLength: 20 })

test('writes what the driver writes, byte for byte, whatever the batch is', () => {
  const options = fc.record({
    counter: fc.boolean(),
    traceQuery: fc.boolean(),
    serialConsistency: fc.constantFrom(undefined, 9),
    // Not undefined: the driver would take the next one for each request.
    timestamp: fc.constantFrom(null, 5),
  })
  fc.assert(
    fc.property(someRows, options, (given, chosen) => {
      const rows = rowsOf(given)
      const execution = executionOf(chosen)
      const encoder = new Encoder(4, {})
      const request = new RowsRequest(parts, rows, statements, execution)
      const expected = writtenByDriver(rows, execution, encoder)
      expect(request.write(encoder, 7).equals(expected.frame)).toBe(true)
      expect(request.length).toBe(expected.length)
      // As when it is sent again.
      expect(request.clone().write(encoder, 7).equals(expected.frame)).toBe(true)
    }),
  )
})

test('copies values; cuts none out', () => {
  const rows = rowsOf([[Buffer.from('a')], [Buffer.from('b')]])
  for (const row of rows) {
    Object.defineProperty(row, 'params', {
      get: () => {
        throw new Error('cut')
      },
    })
  }
  const request = new RowsRequest(parts, rows, statements, executionOf())
  expect(request.write(new Encoder(4, {}), 1).includes('b')).toBe(true)
})

test.each([
  ['a payload in front', 4, { customPayload: { who: Buffer.from('me') } }],
  ['an older protocol', 2, {}],
  ['one of the same header', 3, {}],
])('leaves the frame to the driver with %s', (_, version, options) => {
  const rows = rowsOf([[Buffer.from('a')], [null, Buffer.from('b')]])
  const encoder = new Encoder(version, {})
  const execution = executionOf(options)
  const expected = writtenByDriver(rows, execution, encoder)
  const request = new RowsRequest(parts, rows, statements, execution)
  expect(request.write(encoder, 7).equals(expected.frame)).toBe(true)
  expect(request.length).toBe(expected.length)
})

test('no unset value goes to a server that does not know it', () => {
  const request = new RowsRequest(parts, rowsOf([[undefined]]), statements, executionOf())
  expect(() => request.write(new Encoder(3, {}), 7)).toThrow(TypeError)
})

test('shows its statements and their values to who looks', () => {
  const request = new RowsRequest(
    parts,
    rowsOf([[Buffer.from('a'), null]]),
    statements,
    executionOf(),
  )
  const [{ query, params } = {}] = request.queries
  expect({ query, params }).toEqual({ query: '2', params: [Buffer.from('a'), null] })
})
