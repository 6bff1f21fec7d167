/**
 * Writes the rows of a topic as Arrow and Parquet files, in folders by a column, until it kills
 * itself at a named point, or until the topic's end. A program of its own, so that it can die.
 *
 *   node write-files.mjs BOOTSTRAP APPLICATION TOPIC FOLDER GUARANTEE [POINT]
 *
 * POINT is `before STEP` or `after STEP` of a checkpoint; `in put`: a file is half written; `in
 * rename`: it is about to become visible; `after rename`: it is, and others of its epoch are not.
 */
import { readdirSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { arrowFile, parquet } from '@millrace/arrow'
import { Application, filesSink, json, localFolder, schema, t } from '@millrace/core'
import { watchCheckpoint } from '@millrace/core/testing'
import { kafka } from '@millrace/kafka'

/** Of the times that it comes there, once it has written a file. */
const DIES_AT = 2

const [bootstrap, id, topic, folder, guarantee, point] = process.argv.slice(2)
let hasWritten = false
let times = 0

function passing(name) {
  if (name !== point || !hasWritten || ++times < DIES_AT) return
  process.kill(process.pid, 'SIGKILL')
}

const hasUnfinished = () =>
  readdirSync(folder, { recursive: true }).some(name => name.endsWith('~'))

async function watchPut(putting) {
  let isDone = false
  const done = putting.finally(() => {
    isDone = true
  })
  while (point === 'in put' && !isDone) {
    if (hasUnfinished()) passing('in put')
    await setImmediate()
  }
  await done
  hasWritten = true
}

async function watchRename(renaming) {
  passing('in rename')
  await renaming
  passing('after rename')
}

/** The local folder, with its writes watched. */
const store = new Proxy(localFolder(folder), {
  get(target, key) {
    if (key === 'put') return (...args) => watchPut(target.put(...args))
    if (key === 'rename') return (...args) => watchRename(target.rename(...args))
    const member = target[key]
    return typeof member === 'function' ? member.bind(target) : member
  },
})

const Row = schema({ n: t.int32(), odd: t.boolean(), text: t.string() })
const app = new Application({
  id,
  broker: kafka({ 'bootstrap.servers': bootstrap, 'session.timeout.ms': 2_000 }),
  guarantee,
  commitInterval: 200,
})
const rows = app.dataframe(app.topic(topic, { value: json(Row) }))
const options = { partitionBy: ['odd'], fileRowsMax: 10 }
rows.sink(
  filesSink(store, { ...options, format: arrowFile({ compression: 'lz4' }), prefix: 'arrow/' }),
)
rows.sink(filesSink(store, { ...options, format: parquet(), prefix: 'parquet/' }))
watchCheckpoint(app, (step, moment) => passing(`${moment} ${step}`))
// Whoever started it has gone.
process.stdin.on('end', () => process.exit(1)).resume()
await app.run(point === undefined ? { until: 'end' } : {})
process.exit(0)
