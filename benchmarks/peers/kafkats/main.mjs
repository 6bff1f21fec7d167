/**
 * One pipeline of the benchmarks on @kafkats/flow: `node main.mjs name=value …`, the names as in
 * benchmarks/src/peers/job.ts. State is in memory with no changelog, its fastest form; windows give
 * a row with each record, since it has no final results.
 */
import { flow, inMemory, json, string, TimeWindows } from '@kafkats/flow'

const job = Object.fromEntries(
  process.argv
    .slice(2)
    .map(arg => [arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]),
)
const [warmup, end] = [Number(job.warmup), Number(job.records)]
const marks = {}
let seen = 0

function counted() {
  seen++
  if (seen === warmup) mark('warm')
  if (seen !== end) return
  mark('done')
  // Whoever measures reads /proc when it hears of a mark; what is under way is written out.
  setTimeout(finish, job.mode === 'check' ? 3_000 : 300)
}

function isCounted() {
  counted()
  return true
}

function mark(name) {
  const { user, system } = process.cpuUsage()
  marks[name] = { ms: performance.now(), cpuUs: user + system }
  say({ mark: name })
}

function finish() {
  const { warm, done } = marks
  const seconds = (done.ms - warm.ms) / 1e3
  say({ records: end - warmup, seconds, cpuSeconds: (done.cpuUs - warm.cpuUs) / 1e6 })
  process.exit(0)
}

function say(what) {
  process.stdout.write(`${JSON.stringify(what)}\n`)
}

const app = flow({
  applicationId: job.id,
  client: { brokers: [job.bootstrap], clientId: job.id, logLevel: 'error' },
  stateStoreProvider: inMemory(),
  consumer: { autoOffsetReset: 'earliest', maxBytesPerPartition: 4 << 20 },
  producer: { lingerMs: Number(job.lingerMs), compression: 'lz4', maxBatchBytes: 512 << 10 },
})
const output = { key: string(), value: json() }
const source = app.stream(job.input, { key: string(), value: json(), offsetReset: 'earliest' })

if (job.pipeline === 'read') {
  source.filter((_, row) => isCounted() && row.amount < 0).to(job.output, output)
} else if (job.pipeline === 'half') {
  source
    .filter((_, row) => isCounted() && row.amount >= 55)
    .mapValues(({ user_id, amount }) => ({ user_id, doubled: amount * 2 }))
    .to(job.output, output)
} else {
  const column = job.pipeline === 'repartition' ? 'page' : 'user_id'
  const windows = TimeWindows.of('10s')
  const grouped =
    job.pipeline === 'repartition'
      ? // It has no repartition of its own: `through` a topic, which the harness has made.
        source
          .selectKey(row => row.page)
          .through(`${job.output}-by-page`, output)
          .peek(counted)
          .groupByKey({ key: string(), value: json() })
      : source.peek(counted).groupByKey({ key: string(), value: json() })
  grouped
    .windowedBy(job.pipeline === 'hopping' ? windows.advanceBy('1s') : windows)
    .aggregate(
      () => ({ n: 0, total: 0 }),
      (_, row, { n, total }) => ({ n: n + 1, total: total + row.amount }),
      { storeName: 'totals', key: string(), value: json(), changelog: false },
    )
    .toStream()
    .map(({ key, window }, { n, total }) => [
      key,
      {
        [column]: key,
        window_start: window.start,
        window_end: window.end,
        n,
        total,
        average: total / n,
      },
    ])
    .to(job.output, output)
}
await app.start()
