/**
 * One pipeline, `where` and a tumbling window, over the same records as Avro with a registry and as
 * JSON. Runs take turns; each is a process of its own.
 */
import { embeddedRegistry, registry } from '@millrace/avro'
import avsc from 'avsc'
import { grouped, median, table } from '../figures.ts'
import type { InputRecord, Lab } from '../lab.ts'
import { VALUE } from '../purchase-value.ts'
import { rateOf } from '../run-rate.ts'

const RECORDS = Number(process.env['BENCH_RECORDS'] ?? 4_000_000)
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5)
const USERS = 10_000
const BASE = 1_750_000_000_000
/** Records per millisecond of event time. */
const DENSITY = 10

export async function avroPipelines(lab: Lab): Promise<void> {
  const embedded = embeddedRegistry()
  await embedded.start()
  try {
    const inputs = await writeInputs(lab, embedded.url)
    const rates = new Map<string, number[]>(Object.keys(inputs).map(format => [format, []]))
    for (let round = 0; round < ROUNDS; round++) {
      for (const [format, input] of Object.entries(inputs)) {
        const url = format === 'avro' ? embedded.url : undefined
        const rate = await measured(lab, input, url)
        rates.get(format)?.push(rate)
        console.log(`where, tumbling 10 s, ${format}: ${grouped(rate)} records/s`)
      }
    }
    const json = rates.get('json') as number[]
    const rows = [...rates].map(([format, each]) => [
      format,
      grouped(median(each)),
      `${grouped(Math.min(...each))} – ${grouped(Math.max(...each))}`,
      median(each.map((rate, i) => rate / (json[i] as number))).toFixed(2),
    ])
    console.log(`\n${table([['values', 'records/s', 'spread', '× JSON, by rounds'], ...rows])}\n`)
  } finally {
    await embedded.close()
  }
}

async function writeInputs(lab: Lab, url: string): Promise<{ avro: string; json: string }> {
  const inputs = { avro: await lab.newTopic('input'), json: await lab.newTopic('input') }
  const schemas = registry(url)
  const { id } = await schemas.register(`${inputs.avro}-value`, JSON.stringify(VALUE))
  schemas.close()
  const type = avsc.Type.forSchema(structuredClone(VALUE) as unknown as avsc.Schema)
  const frame = Buffer.alloc(5)
  frame.writeInt32BE(id, 1)
  const encode = ({ user, amount, note }: InputRecord): Buffer => {
    return Buffer.concat([frame, type.toBuffer({ user, amount, note })])
  }
  await lab.write(inputs.avro, purchases(), encode)
  await lab.write(inputs.json, purchases())
  return inputs
}

function* purchases(): Generator<InputRecord> {
  const note = 'a note of about forty characters, no more'
  for (let i = 0; i < RECORDS; i++) {
    const user = `user-${(i * 7_919) % USERS}`
    yield { user, amount: (i * 31) % 100, note, timestamp: BASE + Math.floor(i / DENSITY) }
  }
}

async function measured(lab: Lab, input: string, url: string | undefined): Promise<number> {
  const id = lab.newName('avro')
  const program = lab.run({
    pipeline: 'great-totals',
    ...(url !== undefined && { registry: url }),
    id,
    input,
    output: await lab.newTopic('output'),
    window: '10s',
    grace: '0s',
    guarantee: 'at-least-once',
    commitIntervalMs: 1_000,
    stateFolder: lab.stateFolder(id),
    isBounded: true,
    sampleMs: 20,
  })
  await program.ended()
  return rateOf(program.samples)
}
