/**
 * Reads a source that is no topic under `resume`, until it kills itself at a named point, or to its
 * end. A program of its own, so that it can die.
 *
 *   node read-source.mjs BOOTSTRAP APPLICATION KIND PLACE GUARANTEE FOLDER [POINT]
 *
 * KIND and PLACE: `csv` and a file, `parquet` or `avro` and a folder, `cassandra` and PORT/TABLE.
 * POINT is `before STEP` or `after STEP` of a checkpoint. Rows go to the topic `APPLICATION-out` and
 * into the files below FOLDER, totals of them to `APPLICATION-totals`. Says in a line each where it
 * opens a partition and how many rows it was given.
 */
import { writeSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fromParquet } from '@millrace/arrow'
import { fromAvroFolder, toAvroSchema } from '@millrace/avro'
import { cassandra } from '@millrace/cassandra'
import {
  Application,
  count,
  filesSink,
  fromCsv,
  json,
  localFolder,
  schema,
  sum,
  t,
  tumbling,
} from '@millrace/core'
import { watchCheckpoint } from '@millrace/core/testing'
import { kafka } from '@millrace/kafka'

/** Of the times that it comes there, once it was given rows. */
const DIES_AT = 2
/** So rows come over several commits. */
const PAUSE_MS = 10

const [bootstrap, id, kind, place, guarantee, folder, point] = process.argv.slice(2)
const Row = schema({ n: t.int32(), bucket: t.int32(), at: t.timestamp() })
const options = { schema: Row, timestamp: 'at' }
const avroOptions = { schema: toAvroSchema(Row, 'Row'), timestamp: 'at' }

async function opened() {
  if (kind === 'csv') return fromCsv(place, options)
  if (kind === 'parquet') return fromParquet(place, options)
  if (kind === 'avro') return fromAvroFolder(localFolder(place), avroOptions)
  const [port, table] = place.split('/')
  const protocolOptions = { port: Number(port) }
  const where = { contactPoints: ['127.0.0.1'], localDataCenter: 'datacenter1', protocolOptions }
  return cassandra(where).source(table, { ...options, partitions: 4, pageRows: 50 })
}

/** The same, which is slow and tells what is read. */
function told(source) {
  return Object.freeze({
    ...source,
    open: async (partition, position, context) => {
      writeSync(1, `open ${position}\n`)
      const reader = await source.open(partition, position, context)
      return {
        read: async recordsMax => {
          if (point !== undefined) await sleep(PAUSE_MS)
          const chunk = await reader.read(recordsMax)
          hasRead ||= chunk.records.length > 0
          writeSync(1, `read ${chunk.records.length}\n`)
          return chunk
        },
        close: () => reader.close(),
      }
    },
  })
}

let hasRead = false
let times = 0
function passing(name) {
  if (hasRead && name === point && ++times >= DIES_AT) process.kill(process.pid, 'SIGKILL')
}

const app = new Application({
  id,
  broker: kafka({ 'bootstrap.servers': bootstrap, 'session.timeout.ms': 2_000 }),
  guarantee,
  commitInterval: 200,
  batchRecordsMax: 20,
})
const create = { partitions: 1 }
const out = app.topic(`${id}-out`, { value: json(schema({ n: t.int32() })), create })
const totals = app.topic(`${id}-totals`, { create })
const rows = app.dataframe(told(await opened()), { resume: 'rows' })
rows.select('n').toTopic(out)
rows.select('n').sink(filesSink(localFolder(folder), { prefix: 'rows/' }))
rows
  .groupBy('bucket')
  .window(tumbling('1d'))
  .agg(c => ({ rows: count(), total: sum(c.n) }))
  .final()
  .select('bucket', 'rows', 'total')
  .toTopic(totals)
watchCheckpoint(app, (step, moment) => passing(`${moment} ${step}`))
// Whoever started it has gone.
process.stdin.on('end', () => process.exit(1)).resume()
await app.run()
process.exit(0)
