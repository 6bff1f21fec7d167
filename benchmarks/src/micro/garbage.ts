/**
 * How many bytes of V8's heap a pipeline allocates per record: what its young generation has to
 * scavenge.
 *
 * Before each batch the size of the heap is asked for. It grows by what was allocated, and shrinks
 * where V8 has collected: such steps are left out. Contents of buffers are not on V8's heap. The
 * median over batches is told: what comes with commits, or while V8 compiles, is not of a record.
 */
import { getHeapStatistics } from 'node:v8'
import {
  Application,
  InMemoryBroker,
  json,
  type StreamingDataFrame,
  string,
  type Topic,
} from '@millrace/core'
import { Event } from '../event.ts'
import { median } from '../figures.ts'
import { BATCH_RECORDS, eventBatches, spanMs } from './events.ts'
import { loopedTransport } from './looped-transport.ts'

/** Of the input, which comes again and again. */
const BATCHES = 25
const KEYS = 10_000
/** Code is compiled, buffers find their sizes. */
const WARMUP_PART = 0.5
const RUNS_MAX = 3
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }

export type EventRow = {
  readonly user_id: string
  readonly event: string
  readonly amount: number
  readonly ts: number
  readonly page: string
  readonly session: string
}

export type AttachPipeline = (frame: StreamingDataFrame<EventRow>, output: Topic) => void

/**
 * The least of some runs, or the first that is within `bytesMax`: V8 does not compile the same code
 * in the same way each time, and at times leaves a number in a box that it keeps out of it in the
 * next run. What a pipeline does itself with each record is in all of them.
 */
export async function leastGarbageOf(
  attach: AttachPipeline,
  records: number,
  bytesMax: number,
): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS_MAX && least > bytesMax; run++) {
    least = Math.min(least, await garbageOf(attach, records))
  }
  return least
}

/** @returns bytes per record. */
async function garbageOf(attach: AttachPipeline, records: number): Promise<number> {
  const broker = new InMemoryBroker()
  for (const topic of ['input', 'output']) broker.createTopic(topic)
  const stop = new AbortController()
  const sizes: number[] = []
  const input = {
    topic: 'input',
    batches: eventBatches('input', BATCHES, KEYS),
    turnMs: spanMs(BATCHES),
    onPoll: () => {
      sizes.push(getHeapStatistics().used_heap_size)
      if (sizes.length * BATCH_RECORDS >= records) stop.abort()
    },
  }
  const app = new Application({
    id: 'garbage',
    broker: loopedTransport(broker, input),
    log: SILENT,
  })
  const topic = app.topic('input', {
    key: string(),
    keyColumn: 'user_id',
    value: json(Event),
    idle: 'never',
  })
  attach(app.dataframe(topic) as unknown as StreamingDataFrame<EventRow>, app.topic('output'))
  await app.run({ signal: stop.signal, handleSignals: false })
  const measured = sizes.slice(Math.floor(sizes.length * WARMUP_PART))
  const grown = measured.slice(1).map((size, i) => size - (measured[i] as number))
  const steps = grown.filter(bytes => bytes >= 0)
  return median(steps) / BATCH_RECORDS
}
