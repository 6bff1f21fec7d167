/**
 * docs/formats.md promises bytes; this reads every example on the page and makes the code produce
 * it.
 *
 * An example is a table row `| id | what | bytes |`, the bytes as hex pairs (text for `metadata`).
 */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { AggregateFunction, Aggregator } from '../../aggregate/aggregator.ts'
import { COUNT } from '../../aggregate/count.ts'
import { MAX } from '../../aggregate/max.ts'
import { MEAN } from '../../aggregate/mean.ts'
import { reduceAggregate } from '../../aggregate/reduce.ts'
import { SUM } from '../../aggregate/sum.ts'
import type { CellValue } from '../../batch/column.ts'
import { MillraceError } from '../../errors.ts'
import { Accumulators } from '../../operator/accumulators.ts'
import { DUE_CODEC } from '../../operator/due-index.ts'
import { keyStateCodec, newKeyState, type Slot, stateKinds } from '../../operator/key-state.ts'
import { type DataType, t } from '../../schema/data-type.ts'
import { schema } from '../../schema/schema.ts'
import { listState, mapState, valueState } from '../../state/state-declaration.ts'
import { ByteWriter } from '../../util/byte-writer.ts'
import type { Cell } from './cell.ts'
import { writeChangelogBase } from './changelog-base.ts'
import { commitMetadataText } from './commit-metadata.ts'
import { deadLetterHeaders } from './dead-letter-headers.ts'
import { writeEpochMarker } from './epoch-marker.ts'
import { filesReceiptBytes, foldersBytes } from './files-receipt.ts'
import { groupKeyCodec } from './group-key.ts'
import { writeLocalPosition } from './local-position.ts'
import { writeRepartitionHeader } from './repartition-header.ts'
import { rowWriter } from './row-format.ts'
import { MARKER_KEY, writeStateKey } from './state-key.ts'
import { writeTagged } from './tagged-value.ts'
import { writeWatermarkRecord } from './watermark-record.ts'

const PAGE = new URL('../../../../../docs/formats.md', import.meta.url)
const EXAMPLE = /^\| `([\w.-]+)` \| .* \| `([^`|]*)` \|$/gm

function bytes(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter()
  write(out)
  return out
    .copy()
    .toString('hex')
    .replace(/..(?=.)/g, '$& ')
}

const key = (types: DataType[], cells: Cell[]): string =>
  bytes(out => groupKeyCodec(types).encode(cells, out))
const value = (type: DataType, cell: Cell): string => bytes(out => writeTagged(cell, type, out))

/** A value for each aggregate, at slot 0. */
function accumulated(
  machines: readonly Aggregator[],
  values: readonly (number | boolean)[],
): Accumulators {
  const cells = new Accumulators(machines.map(aggregator => ({ aggregator })))
  cells.resize(1)
  cells.init(0)
  for (const [i, states] of cells.aggregates.entries()) {
    const value = values[i] as number | boolean
    states.put(0, value, states.next(0, value))
  }
  cells.touch(0, TIME)
  return cells
}

function state(of: AggregateFunction, type: DataType | null, values: CellValue[]): string {
  const machine = of.create(type)
  const total = values.reduce<unknown>((s, v) => machine.add(s, v as never), machine.init())
  return bytes(out => machine.write(total, out))
}

function deadLetterHeader(part: string): string {
  const error = new MillraceError('OVERFLOW', 'no.', { topic: 'in', partition: 0, offset: 12 })
  const header = deadLetterHeaders([], error, 'shop').find(({ name }) => name.endsWith(part))
  return bytes(out => out.bytes(header?.value as Uint8Array))
}

const PURCHASE = [
  { name: 'user', type: t.string() },
  { name: 'amount', type: t.float64().nullable() },
]
const SECOND = 1_000
const TIME = 1_750_000_000_000

const EXAMPLES: Readonly<Record<string, () => string>> = {
  'key.string': () => key([t.string()], ['ada']),
  'key.string-null': () => key([t.string().nullable()], [null]),
  'key.bytes': () => key([t.bytes()], [Uint8Array.of(0, 255)]),
  'key.int64': () => key([t.int64()], [1n]),
  'key.int64-negative': () => key([t.int64()], [-1n]),
  'key.timestamp': () => key([t.timestamp()], [TIME]),
  'key.float64': () => key([t.float64()], [1.5]),
  'key.float64-negative': () => key([t.float64()], [-1.5]),
  'key.decimal': () => key([t.decimal(9, 2)], ['-0.05']),
  'key.tuple': () => key([t.string(), t.boolean(), t.bytes().nullable()], ['a\0b', true, null]),
  'key.json': () => key([t.json()], [1.5]),
  'key.no-columns': () => key([], []),
  'value.null': () => value(t.string().nullable(), null),
  'value.true': () => value(t.boolean(), true),
  'value.one': () => value(t.float64(), 1),
  'value.minus-one': () => value(t.int64({ as: 'number' }), -1),
  'value.half': () => value(t.float64(), 0.5),
  'value.minus-zero': () => value(t.float64(), -0),
  'value.text': () => value(t.string(), 'é'),
  'value.bytes': () => value(t.bytes(), Uint8Array.of(1, 2)),
  'value.timestamp': () => value(t.timestamp(), TIME),
  'value.timestamp-far': () => value(t.timestamp(), 8.64e15),
  'value.bigint': () => value(t.int64(), -2n),
  'value.decimal': () => value(t.decimal(9, 2), '12.30'),
  'value.list': () => value(t.list(t.string().nullable()), ['a', null]),
  'value.struct': () => value(t.struct({ n: t.int32() }), { n: 3 }),
  'value.json': () => value(t.json(), [1]),
  'value.json-bigint': () => value(t.json(), { n: 7n }),
  'row.closed': () => bytes(out => rowWriter(PURCHASE, false).write(['ada', 1.5], null, out)),
  'row.open': () =>
    bytes(out => rowWriter(PURCHASE.slice(0, 1), true).write(['ada'], { x: 1 }, out)),
  'dead-letter.code': () => deadLetterHeader('code'),
  'dead-letter.offset': () => deadLetterHeader('offset'),
  'header.watermark': () => bytes(out => writeRepartitionHeader(TIME, out)),
  'header.none': () => bytes(out => writeRepartitionHeader(Number.NEGATIVE_INFINITY, out)),
  'watermark.idle': () =>
    bytes(out => {
      const task = { task: 2, taskCount: 4, isIdle: true, isFinal: false }
      writeWatermarkRecord({ ...task, watermark: TIME, epoch: 300 }, out)
    }),
  'state-key.window': () => bytes(out => writeStateKey(1, 10 * SECOND, Buffer.from('ada'), out)),
  'state-key.marker': () => bytes(out => out.bytes(MARKER_KEY)),
  'state.count': () => state(COUNT, null, [true, true, true]),
  'state.sum-integer': () => state(SUM, t.int32(), [100, 100]),
  'state.sum-decimal': () => state(SUM, t.decimal(9, 2), ['1.50', '0.50']),
  'state.sum-integer-none': () => state(SUM, t.int32(), []),
  'state.mean-float': () => state(MEAN, t.float64(), [1, 0.5]),
  'state.sum-float-two': () => state(SUM, t.float64(), [1, 2 ** -60]),
  'state.sum-infinite': () => state(SUM, t.float64(), [Number.POSITIVE_INFINITY]),
  'state.reduce': () => {
    const reduce = reduceAggregate(schema({ n: t.int32() }), { init: row => row, add: so => so })
    return state(reduce, null, [{ n: 3 }])
  },
  'state.max': () => state(MAX, t.string(), ['a', 'b']),
  'state-value.two': () =>
    bytes(out => {
      const machines = [COUNT.create(null), SUM.create(t.int32())]
      accumulated(machines, [true, 5]).write(0, out)
    }),
  'files-receipt': () =>
    bytes(out =>
      out.bytes(
        filesReceiptBytes({
          prefix: 'out/',
          extension: 'csv',
          token: '0a1b',
          since: 5,
          first: 300,
          count: 2,
          isInFolders: false,
        }),
      ),
    ),
  'files-receipt.folders': () =>
    bytes(out =>
      out.bytes(
        filesReceiptBytes({
          prefix: 'out/',
          extension: 'csv',
          token: '0a1b',
          since: 5,
          first: 300,
          count: 2,
          isInFolders: true,
        }),
      ),
    ),
  'files-folders': () => bytes(out => out.bytes(foldersBytes(['to=OSL/', 'to=BGO/']))),
  'state-value.told': () =>
    bytes(out => {
      const told = accumulated([COUNT.create(null)], [true])
      told.told(0)
      told.write(0, out)
    }),
  'key-state.full': () =>
    bytes(out => {
      const kinds = stateKinds({
        total: valueState(t.float64()),
        list: listState(t.string().nullable()),
        map: mapState(t.string(), t.int64()),
        row: valueState(schema({ n: t.int32() })),
      })
      const state = { ...newKeyState(kinds), touched: 5, expiry: 7 }
      const [total, list, map, row] = state.slots as [Slot, Slot, Slot, Slot]
      state.timers.set('t', { kind: 'event', at: 9, after: 0 })
      total.value = 1.5
      list.items.push('a', null)
      map.entries.set('k', { held: 2n, ordinal: 0 })
      row.value = kinds[3]?.keeper.hold({ n: 3 }, 'row')
      keyStateCodec(kinds, 'p').write(state, out)
    }),
  'key-state.due': () => bytes(out => DUE_CODEC.write(true, out)),
  'changelog-base': () => bytes(out => writeChangelogBase(300, out)),
  'local-position': () =>
    bytes(out => writeLocalPosition({ offset: 300, at: TIME, topicId: 't' }, out)),
  'marker.wall': () =>
    bytes(out => {
      const decisions = [{ kind: 'wall' as const, time: TIME }]
      const nothing = { inputs: [], receipts: [], fingerprints: [] }
      writeEpochMarker({ epoch: 0, decisions, ...nothing }, out)
    }),
  'marker.source': () =>
    bytes(out => {
      const place = { partition: 1, offset: 300, watermark: TIME, upstreams: [] }
      const inputs = [{ topic: 'shop.rows.source', partitionCount: 2, partitions: [place] }]
      const source = { name: 'csv a.csv', position: '4096' }
      const nothing = { decisions: [], receipts: [], fingerprints: [] }
      writeEpochMarker({ epoch: 7, inputs, ...nothing, source }, out)
    }),
  'marker.full': () =>
    bytes(out =>
      writeEpochMarker(
        {
          epoch: 7,
          inputs: [
            {
              topic: 'in',
              partitionCount: 4,
              partitions: [{ partition: 2, offset: 300, watermark: TIME, upstreams: [] }],
            },
            {
              topic: 're',
              partitionCount: 4,
              partitions: [
                {
                  partition: 2,
                  offset: 5,
                  watermark: TIME,
                  upstreams: [{ isIdle: true, isFinal: false, watermark: TIME }],
                },
              ],
            },
          ],
          decisions: [
            { kind: 'idle', topic: 'in', partition: 2 },
            { kind: 'advance', watermark: TIME },
          ],
          receipts: [
            { sink: 'list', receipt: null },
            { sink: 'log', receipt: Uint8Array.of(1, 255) },
          ],
          fingerprints: [{ step: 'totals', fingerprint: 'v1' }],
        },
        out,
      ),
    ),
  'metadata.full': () =>
    commitMetadataText({
      epoch: 12,
      partitionCounts: [{ topic: 'purchases', partitionCount: 4 }],
      watermarks: [
        { topic: 'purchases', partition: 0, watermark: TIME },
        { topic: 'purchases', partition: 1, watermark: Number.NEGATIVE_INFINITY },
      ],
      fingerprint: 'where,to:topic',
      receipts: [
        { sink: 'list', receipt: null },
        { sink: 'table', receipt: Uint8Array.of(1, 255) },
      ],
    }),
  'metadata.empty': () =>
    commitMetadataText({
      epoch: 0,
      partitionCounts: [],
      watermarks: [],
      fingerprint: '',
      receipts: [],
    }),
}

const onPage = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(EXAMPLE)].map(([, id, text]) => [id as string, text]),
)

test('the page and this list have the same examples', () => {
  expect([...onPage.keys()].sort()).toEqual(Object.keys(EXAMPLES).sort())
})

test.each(Object.entries(EXAMPLES))('%s', (id, produce) => {
  expect(produce()).toBe(onPage.get(id))
})
