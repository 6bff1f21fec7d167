/**
 * The machines of a pipeline with nothing around them: what they would ask a task for does nothing.
 *
 * The pipeline is compiled as `run` compiles it, with all rules and generated loops; batches are
 * given straight to its graph, as a task would give them.
 */
import {
  Application,
  Batch,
  BytesColumn,
  type Decoder,
  fail,
  json,
  type RawBatch,
  StreamingDataFrame,
  string,
  t,
} from '@millrace/core'
import { Event } from '../event.ts'
import type { AttachPipeline, EventRow } from './garbage.ts'
import { type Compile, compile, StateMemory, sourceNode } from './internals.ts'

type Outputs = Parameters<Compile['compile']>[0][number][]
type Host = ConstructorParameters<typeof StreamingDataFrame>[0]
type Graph = ReturnType<ReturnType<Compile['compile']>['subTopologies'][number]['createGraph']>

export interface BareGraph {
  readonly graph: Graph
  /** Of the columns that it looks at. */
  readonly decoder: Decoder
}

/** Of the one part that the pipeline has. */
export async function bareGraph(attach: AttachPipeline): Promise<BareGraph> {
  const outputs: Outputs = []
  const host: Host = {
    onError: fail(),
    frame: node => new StreamingDataFrame(host, node),
    attach: output => outputs.push(output),
    collect: unused,
    collectInto: unused,
    iterate: unused,
    explain: unused,
  }
  const app = new Application({ id: 'micro' })
  const input = { key: string(), keyColumn: 'user_id', value: json(Event) } as const
  const { definition: topic } = app.topic('input', input)
  attach(host.frame<EventRow>(sourceNode({ kind: 'topic', topic })), app.topic('output'))
  const [part, ...others] = compile(outputs, { batchRecordsMax: 4_096 }).subTopologies
  if (part?.input.kind !== 'topic' || others.length > 0) throw new Error('it has several parts')
  const graph = part.createGraph({
    partition: 0,
    storeId: () => 1,
    internalTopic: identity => identity,
    memory: new StateMemory(1e9),
  })
  await graph.open(CONTEXT)
  return { graph, decoder: part.input.decoder() }
}

export function batchOf(raw: RawBatch, decoder: Decoder): Batch {
  const { count, data, valueStart, valueSize, keyStart, keySize } = raw
  const decoded = decoder.decode({ count, data, start: valueStart, size: valueSize })
  if (decoded.failures.length > 0) throw new Error('a record could not be read')
  const keys = new BytesColumn(t.bytes(), { data, start: keyStart, size: keySize }, null)
  const records = {
    topic: 'input',
    partition: 0,
    keys,
    timestamps: raw.timestamps,
    offsets: raw.offsets,
    watermarks: new Float64Array(count).fill(Number.NEGATIVE_INFINITY),
    headers: null,
    tombstones: null,
  }
  return new Batch({ ...decoded, records, selection: null })
}

const CONTEXT: Parameters<Graph['open']>[0] = {
  partition: 0,
  taskCount: 1,
  readsSource: true,
  clock: { now: () => Date.now(), sleep: async () => {} },
  partitionCount: () => 1,
  produce() {},
  send() {},
  waitFor() {},
  settled: () => undefined,
  recordFailed(error) {
    throw error
  },
  count() {},
  warn() {},
}

function unused(): never {
  throw new Error('the pipeline is only compiled')
}
