/**
 * Sends records when they are due, in a process of its own: `node sender.js JOB`. Records that are
 * late because this process was are sent at once and count from when they were due.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { RawRecordsBuilder } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import type { Begin, LoadJob, LoadSaid } from './messages.ts'
import { dueCount, dueUs, type KeyAndValue, passes, timestampOf, values } from './schedule.ts'
import { nowUs, watchProcess } from './watch.ts'

/** A record that is later than this is told of. */
const LATE_US_MIN = 4_000
const LOG = { info() {}, warn: (details: object, text: string) => console.error(text, details) }

const job: LoadJob = JSON.parse(process.argv[2] ?? '')
process.on('disconnect', () => process.exit(1))
const settings = { 'bootstrap.servers': job.bootstrap, 'compression.type': 'lz4' } as const
const transport = kafka(settings).create({ applicationId: 'latency-sender', log: LOG })
await transport.open()
const producer = await transport.createProducer()
const records = values()
const builder = new RawRecordsBuilder(4 * 1024)
/** Comes out, and is none of the schedule. */
const PROBE = -1
const probeValue = records.findIndex((_, i) => passes(i))

process.on('message', async ({ startUs }: Begin) => {
  const unwatch = watchProcess('sender', happening => say({ kind: 'happened', happening }))
  for (let sent = 0; sent < job.records; ) {
    const due = Math.min(job.records, dueCount(nowUs() - startUs))
    if (due > sent) await send(sent, due, startUs)
    sent = due
    await sleep(1)
  }
  await producer.flush()
  unwatch()
  say({ kind: 'sent' })
})
// A first record, so that neither connections nor topics are looked for on the way.
await send(PROBE, PROBE + 1, nowUs())
await producer.flush()
say({ kind: 'ready' })

async function send(from: number, to: number, startUs: number): Promise<void> {
  const at = startUs + dueUs(from)
  const now = nowUs()
  if (now - at > LATE_US_MIN) {
    const happening = { who: 'sender', what: 'it was late', fromUs: at, untilUs: now }
    say({ kind: 'happened', happening })
  }
  for (let i = from; i < to; i++) {
    const { key, value } = records[i === PROBE ? probeValue : i % records.length] as KeyAndValue
    builder.append(key, value, timestampOf(i))
  }
  const partitions = new Int32Array(to - from)
  const full = producer.write({ ...builder.build(), topic: job.topic, partitions })
  if (full !== undefined) await full
}

function say(said: LoadSaid): void {
  process.send?.(said)
}
