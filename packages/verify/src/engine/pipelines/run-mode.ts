/**
 * Runs a program on an input in one of the ways that must not matter.
 *
 * A crash is what `kill -9` leaves: nothing more of the process reaches the broker, and its state
 * on disk is as it was at that moment. As the process is ours, its files are copied then, and the
 * application goes on with the copy.
 */
import { Application, skip } from '@millrace/core'
import { TestDriver, type TestRunOptions, watchCheckpoint } from '@millrace/core/testing'
import { build } from './build.ts'
import type { Cell } from './cell.ts'
import { crashPointOf } from './crash-point.ts'
import { DiskState } from './disk-state.ts'
import { orderedBroker } from './fetch-order.ts'
import type { Input, InputRecord } from './input.ts'
import type { Mode } from './modes.ts'
import type { Counters } from './oracle.ts'
import type { OutputOrder, Program } from './program.ts'
import { keyText, recordText } from './record-text.ts'

export interface Actual {
  readonly outputs: ReadonlyMap<string, readonly string[]>
  /** Null where records were read twice. */
  readonly taps: number | null
  /** Null where the run was over before they could be read, or had an earlier life. */
  readonly counters: Counters | null
  /** Records of one key and source partition, or results of one group, that came out of order. */
  readonly disordered: readonly string[]
  /** The step of a checkpoint at which it was killed; null = it was not. */
  readonly crashedAt: string | null
}

/** After so long the transaction of a process that is gone is ended by the broker. */
const TRANSACTION_OVER = '11s'

export async function runMode(program: Program, input: Input, mode: Mode): Promise<Actual> {
  const run = new Run(program, input, mode)
  try {
    return mode.isLive ? await run.live() : await run.toTheEnd()
  } finally {
    await run.close()
  }
}

class Run {
  readonly #program: Program
  readonly #input: Input
  readonly #mode: Mode
  readonly #driver: TestDriver
  readonly #disk: DiskState | null
  #app!: Application
  #built!: ReturnType<typeof build>
  #crashedAt: string | null = null
  #life = 0

  constructor(program: Program, input: Input, mode: Mode) {
    this.#program = program
    this.#input = input
    this.#mode = mode
    this.#driver = new TestDriver({ partitions: input.length })
    this.#driver.broker.createTopic('input', input.length)
    this.#disk = mode.state === 'rocksdb' ? new DiskState() : null
  }

  async toTheEnd(): Promise<Actual> {
    append(this.#driver, this.#input, 0, 1)
    const options = { until: 'end', flush: true } as const
    await this.#start(options)
    if (this.#isRunning) await this.#driver.advance('1s')
    if (this.#crashedAt !== null) {
      await this.#startAgain(options)
      if (this.#isRunning) await this.#driver.advance('1s')
    }
    return this.#actual(null)
  }

  async live(): Promise<Actual> {
    await this.#start({})
    // In three parts, with less than the time of idleness in between.
    for (const third of [0, 1, 2]) {
      append(this.#driver, this.#input, third / 3, (third + 1) / 3)
      await this.#driver.advance('300ms')
      if (!this.#isRunning) await this.#startAgain({})
    }
    await this.#driver.advance('30s')
    if (!this.#isRunning) await this.#startAgain({})
    if (this.#crashedAt !== null) await this.#driver.advance('30s')
    return this.#actual(this.#crashedAt === null ? countersOf(this.#app) : null)
  }

  async close(): Promise<void> {
    await this.#disk?.close()
  }

  get #isRunning(): boolean {
    return this.#driver.clientOf(this.#app) !== null
  }

  async #start(options: TestRunOptions): Promise<void> {
    this.#attach()
    if (this.#mode.isCrashing) this.#crashAtItsPoint()
    const { rules, generated } = this.#mode
    await this.#driver.start(this.#app, { rules, generated, ...options })
  }

  /**
   * Goes on where the process that was killed had come to. No time passes before more is fed: what
   * comes after a silence may be late.
   */
  async #startAgain(options: TestRunOptions): Promise<void> {
    this.#attach()
    await this.#driver.advance(TRANSACTION_OVER)
    const { rules, generated } = this.#mode
    await this.#driver.start(this.#app, { rules, generated, ...options })
  }

  #attach(): void {
    this.#app = application(this.#driver, this.#program, this.#mode, this.#disk, this.#life++)
    this.#built = build(this.#app, this.#program)
  }

  #crashAtItsPoint(): void {
    const { step, moment, nth } = crashPointOf(this.#program.seed, this.#mode)
    const app = this.#app
    let seen = 0
    watchCheckpoint(app, (reached, when) => {
      if (this.#crashedAt !== null) return NEVER
      if (reached !== step || when !== moment || ++seen < nth) return
      this.#crashedAt = `${moment} ${step} of checkpoint ${nth}`
      this.#driver.crash(app)
      this.#disk?.crash()
      return NEVER
    })
  }

  async #actual(counters: Counters | null): Promise<Actual> {
    await this.#driver.stop()
    const outputs = new Map<string, string[]>()
    const disordered: string[] = []
    for (const { topic, step } of this.#built.outputs) {
      const order = new OrderCheck(step.order)
      const texts = (await this.#driver.read(topic)).map(
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
    const crashedAt = this.#crashedAt
    const taps = crashedAt === null ? this.#built.taps() : null
    return { outputs, taps, counters, disordered, crashedAt }
  }
}

/** What a process that was killed waits for. */
const NEVER = new Promise<void>(() => {})

/** @param disk null = state in memory. */
export function application(
  driver: TestDriver,
  program: Program,
  mode: Mode,
  disk: DiskState | null,
  life: number,
): Application {
  return new Application({
    id: 'generated',
    ...driver.options,
    // Each life is a process of its own.
    broker: orderedBroker(driver.broker, mode.order, program.seed, `process-${life}`),
    onError: skip(),
    batchRecordsMax: mode.batchRecordsMax,
    commitInterval: '200ms',
    // At least once, records of the last epoch may come twice.
    ...(mode.isCrashing && { guarantee: 'exactly-once' }),
    ...(mode.isShort && { stateBytesMax: 1 }),
    ...(disk !== null && { state: disk.factory() }),
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
