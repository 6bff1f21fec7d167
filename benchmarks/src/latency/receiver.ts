/**
 * Notes when each record of the output came, in a process of its own: `node receiver.js JOB`. Its
 * latency is from when the record it was made of was due to be sent.
 */
import { kafka } from '@millrace/kafka'
import type { Begin, LoadJob, LoadSaid } from './messages.ts'
import { dueUs, numberOf, passes } from './schedule.ts'
import { type Arrival, latenciesOf } from './stalls.ts'
import { nowUs, watchProcess } from './watch.ts'

const LIMITS = { bufferBytesMax: 8 * 1024 * 1024, batchRecordsMax: 4_096 }
/** What has not come by then, after the last one was due, does not come. */
const MISSING_US = 10e6
const LOG = { info() {}, warn: (details: object, text: string) => console.error(text, details) }

const job: LoadJob = JSON.parse(process.argv[2] ?? '')
process.on('disconnect', () => process.exit(1))
/** When each record came. */
const cameUs = new Float64Array(job.records).fill(Number.NaN)
let startUs = Number.NaN
let left = 0
for (let i = 0; i < job.records; i++) if (passes(i)) left++

process.on('message', (begin: Begin) => {
  startUs = begin.startUs
})
const transport = kafka({ 'bootstrap.servers': job.bootstrap }).create({
  applicationId: 'latency-receiver',
  log: LOG,
})
await transport.open()
const fetcher = await transport.createFetcher(LIMITS)
fetcher.add({ topic: job.topic, partition: 0 }, 0)
const unwatch = watchProcess('receiver', happening => say({ kind: 'happened', happening }))
say({ kind: 'ready' })
while (left > 0 && !isOver()) {
  const raw = await fetcher.poll(1_000)
  if (raw === null) continue
  const now = nowUs()
  for (const timestamp of raw.timestamps.subarray(0, raw.count)) {
    const i = numberOf(timestamp)
    if (i < 0) say({ kind: 'heard' })
    if (!Number.isNaN(cameUs[i] ?? 0)) continue
    cameUs[i] = now
    left--
  }
}
unwatch()
say({ kind: 'received', latencies: latenciesOf([...arrivals()]) })

/** NaN, before the schedule has begun, is never over. */
function isOver(): boolean {
  return nowUs() - startUs - dueUs(job.records) > MISSING_US
}

function* arrivals(): Generator<Arrival> {
  for (let i = job.warmup; i < job.records; i++) {
    if (!passes(i)) continue
    yield { dueUs: dueUs(i), tookUs: (cameUs[i] as number) - startUs - dueUs(i) }
  }
}

function say(said: LoadSaid): void {
  process.send?.(said)
}
