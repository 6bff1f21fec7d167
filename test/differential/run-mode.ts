/** Runs a program on an input in one of the ways that must not matter. */
import { Application, skip } from '@millrace/core'
import { TestDriver } from '@millrace/core/testing'
import { build } from './build.ts'
import type { Cell } from './cell.ts'
import { orderedBroker } from './fetch-order.ts'
import type { Input, InputRecord } from './input.ts'
import { type Counters, keyText, recordText } from './oracle.ts'
import type { OutputOrder, Program } from './program.ts'

export interface Mode {
  readonly batchRecordsMax: number
  readonly rules: boolean
  /** False: expressions are interpreted. */
  readonly generated: boolean
  readonly order: string
  /** True: records come in by and by and silence closes the windows; else read to the end. */
  readonly isLive: boolean
  /** Memory holds no state longer than it has to: each batch is an epoch, and read from the space. */
  readonly isShort: boolean
}

export interface Actual {
  readonly outputs: ReadonlyMap<string, readonly string[]>
  readonly taps: number
  /** Null where the run was over before they could be read. */
  readonly counters: Counters | null
  /** Records of one key and source partition, or results of one group, that came out of order. */
  readonly disordered: readonly string[]
}

export function modeName(mode: Mode): string {
  const { batchRecordsMax, rules, generated, order, isLive, isShort } = mode
  const code = generated ? 'generated' : 'interpreted'
  const memory = isShort ? 'short of memory' : 'all in memory'
  const parts = [`batch ${batchRecordsMax}`, rules ? 'rules' : 'no rules', code, order, memory]
  return [...parts, isLive ? 'live' : 'to the end'].join(', ')
}

export async function runMode(program: Program, input: Input, mode: Mode): Promise<Actual> {
  const driver = new TestDriver({ partitions: input.length })
  const app = application(driver, program, mode)
  const built = build(app, program)
  driver.broker.createTopic('input', input.length)
  const { rules, generated } = mode
  let counters: Counters | null = null
  if (mode.isLive) {
    await driver.start(app, { rules, generated })
    await feedByAndBy(driver, input)
    await driver.advance('30s')
    counters = countersOf(app)
    await driver.stop()
  } else {
    append(driver, input, 0, 1)
    await driver.start(app, { rules, generated, until: 'end', flush: true })
    if (app.status().state !== 'stopped') await driver.advance('1s')
    await driver.stop()
  }
  const outputs = new Map<string, string[]>()
  const disordered: string[] = []
  for (const { topic, step } of built.outputs) {
    const order = new OrderCheck(step.order)
    const texts = (await driver.read(topic)).map(
      ({ key, value, timestamp, partition, headers }) => {
        const row = value === null ? null : new Map(Object.entries(value as Record<string, Cell>))
        const isKnown = step.key.kind !== 'unknown' || row === null
        const shown = isKnown ? keyText(key as Uint8Array | null) : '?'
        const listed = headers.map(h => `${h.name}=${Buffer.from(h.value ?? []).toString('hex')}`)
        const text = recordText(shown, step.columns, row, timestamp, listed)
        const source = Buffer.from(headers[0]?.value ?? []).toString()
        if (order.isBroken(`${partition} ${shown}`, source, timestamp)) disordered.push(text)
        return text
      },
    )
    outputs.set(step.topic, texts)
  }
  return { outputs, taps: built.taps(), counters, disordered }
}

export function application(driver: TestDriver, program: Program, mode: Mode): Application {
  return new Application({
    id: 'generated',
    ...driver.options,
    broker: orderedBroker(driver.broker, mode.order, program.seed),
    onError: skip(),
    batchRecordsMax: mode.batchRecordsMax,
    commitInterval: '200ms',
    ...(mode.isShort && { stateBytesMax: 1 }),
  })
}

/** The records from one fraction of each partition to another. */
function append(driver: TestDriver, input: Input, from: number, to: number): void {
  for (const [partition, records] of input.entries()) {
    const cut = (at: number): number => Math.round(records.length * at)
    driver.broker.append('input', partition, records.slice(cut(from), cut(to)).map(appended))
  }
}

function appended({ key, value, timestamp, origin }: InputRecord) {
  const headers = [{ name: 'id', value: Buffer.from(origin) }]
  return { key, value, timestamp, headers }
}

/** In three parts, with less than the time of idleness in between. */
async function feedByAndBy(driver: TestDriver, input: Input): Promise<void> {
  for (const third of [0, 1, 2]) {
    append(driver, input, third / 3, (third + 1) / 3)
    await driver.advance('300ms')
  }
}

function countersOf(app: Application): Counters {
  const all = app.status().tasks.map(task => task.counters)
  const total = (name: string): number => all.reduce((sum, each) => sum + (each[name] ?? 0), 0)
  return {
    late: total('records_late'),
    skipped: total('records_skipped'),
    tombstones: total('tombstones_ignored'),
  }
}

/** Records of one key from one source partition stay in order; results of a group go by time. */
class OrderCheck {
  readonly #order: OutputOrder
  readonly #last = new Map<string, number>()

  constructor(order: OutputOrder) {
    this.#order = order
  }

  isBroken(key: string, origin: string, timestamp: number): boolean {
    if (this.#order === 'none') return false
    const [partition, offset] = origin.split(':')
    const line = this.#order === 'time' ? key : `${key} from ${partition}`
    const at = this.#order === 'time' ? timestamp : Number(offset)
    const last = this.#last.get(line) ?? Number.NEGATIVE_INFINITY
    this.#last.set(line, at)
    return at < last
  }
}
