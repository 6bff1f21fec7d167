/**
 * A topic into files, one writer a process: `node program.js name=value …`.
 *
 * Millrace as a user would write it; else a loop over what the same fetcher gives. Tells of its
 * progress as the programs of the other systems do. Records count when they have been taken in.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { arrowFile, parquet } from '@millrace/arrow'
import { Application, filesSink, json, localFolder, type RawBatch } from '@millrace/core'
import { kafka } from '@millrace/kafka'
import { Event } from '../event.ts'
import { Marks } from '../peers/marks.ts'
import { BuilderFiles } from './builder-files.ts'
import { filesJobOf } from './job.ts'

const SAMPLE_MS = 10
/** Those of an application. */
const LIMITS = { bufferBytesMax: 32 * 1024 * 1024, batchRecordsMax: 4_096 }
const LOG = { info() {}, warn: (details: object, text: string) => console.error(text, details) }

const job = filesJobOf(process.argv.slice(2))
const broker = kafka({ 'bootstrap.servers': job.bootstrap })
const marks = new Marks(job)

if (job.writer === 'ceiling') await loop(scan())
else if (job.writer === 'builders') await byHand()
else await pipeline()
marks.report()
process.exit(0)

async function pipeline(): Promise<void> {
  const app = new Application({ id: job.id, broker, commitInterval: job.commitMs })
  const format = job.writer === 'parquet' ? parquet() : arrowFile()
  app
    .dataframe(app.topic(job.input, { value: json(Event) }))
    .sink(filesSink(localFolder(job.folder), { format }))
  const sampler = setInterval(() => {
    if (!marks.passed(app.status().tasks[0]?.counters['records_in'] ?? 0)) return
    if (job.mode === 'check') app.stop()
    else setTimeout(end, 300)
  }, SAMPLE_MS)
  await app.run()
  clearInterval(sampler)
}

/** Without a last commit: what was measured is measured. */
function end(): void {
  marks.report()
  process.exit(0)
}

async function byHand(): Promise<void> {
  const files = new BuilderFiles(job.folder)
  await loop(raw => files.take(raw))
  if (job.mode === 'check') await files.end()
}

/** Every field of every record into columns, by the generated scan. */
function scan(): (raw: RawBatch) => undefined {
  const decoder = json(Event).decoder('all')
  return ({ count, data, valueStart, valueSize }) => {
    const { failures } = decoder.decode({ count, data, start: valueStart, size: valueSize })
    if (failures.length > 0) throw new Error(`${failures.length} records could not be scanned`)
  }
}

/** Takes batches until all records have been; waits for a promise that is given. */
async function loop(take: (raw: RawBatch) => Promise<void> | undefined): Promise<void> {
  const transport = broker.create({ applicationId: job.id, log: LOG })
  await transport.open()
  const fetcher = await transport.createFetcher(LIMITS)
  fetcher.add({ topic: job.input, partition: 0 }, 0)
  for (let records = 0; !marks.passed(records); ) {
    const raw = await fetcher.poll(1_000)
    if (raw === null) continue
    const taking = take(raw)
    if (taking !== undefined) await taking
    records += raw.count
  }
  // Whoever measures reads /proc when it hears of a mark.
  await sleep(300)
  await fetcher.close()
  await transport.close()
}
