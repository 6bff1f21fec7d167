/** `npm run example -- word-count [--broker host:port]`: words of a text, counted per minute. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Application, count, fromArray, schema, t, tumbling } from '@millrace/core'
import { embeddedBroker, kafka } from '@millrace/kafka'

process.env['MILLRACE_LOG'] ??= 'warn'
const { broker: address } = parseArgs({ options: { broker: { type: 'string' } } }).values
const embedded = embeddedBroker()
const broker = address === undefined ? embedded : kafka({ 'bootstrap.servers': address })
// A broker that is kept has the topics of earlier runs, so each run there has its own.
const id = address === undefined ? 'word-count' : `word-count-${Date.now().toString(36)}`

// A line each second, so that there is time to count in.
const text = readFileSync(new URL('../../../LICENSE', import.meta.url), 'utf8')
const lines = text.split('\n').map((line, second) => ({ line, at: second * 1_000 }))
const wordsOf = (line: string): string[] => line.toLowerCase().match(/[a-z]+/g) ?? []

const Line = schema({ line: t.string(), at: t.timestamp() })
const Word = schema({ word: t.string() })

if (broker === embedded) await embedded.start()
try {
  const app = new Application({ id, broker })
  const counts = app.topic(`${id}-counts`, { create: { partitions: 4 } })
  app
    .dataframe(fromArray(lines, { schema: Line, timestamp: 'at' }))
    .flatMap(({ line }) => wordsOf(line).map(word => ({ word })), { schema: Word })
    .groupBy('word')
    .window(tumbling('1m'))
    .agg(() => ({ n: count() }))
    .final()
    .toTopic(counts)
  await app.run()

  const rows = await app.dataframe(counts).collect()
  console.table(rows.sort((a, b) => Number(b['n']) - Number(a['n'])).slice(0, 10))
  const counted = rows.map(({ word, window_start, n }) => `${word} ${window_start} ${n}`)
  const isEqual = String(counted.sort()) === String(countedByHand().sort())
  console.log(`lines=${lines.length} counts=${rows.length} equal=${isEqual}`)
} finally {
  await embedded.close()
}

/** The same without Millrace. */
function countedByHand(): string[] {
  const counted = new Map<string, number>()
  for (const { line, at } of lines) {
    for (const word of wordsOf(line)) {
      const cell = `${word} ${at - (at % 60_000)}`
      counted.set(cell, (counted.get(cell) ?? 0) + 1)
    }
  }
  return [...counted].map(([cell, n]) => `${cell} ${n}`)
}
