/**
 * What a program gives for an input, by the law of results and by brute force.
 *
 * A record is late for a window when window end + grace is not after the watermark of its own
 * source partition before it: the greatest event time read there, less the disorder. Which
 * partition was read when plays no part. All windows close in the end. Shares no code with the
 * engine.
 */
import { type Cell, type Column, canonical } from './cell.ts'
import type { Coverage } from './coverage.ts'
import type { Expr } from './expression.ts'
import { type Cells, evaluate, Fault } from './expression-oracle.ts'
import type { Input, InputRecord } from './input.ts'
import { naturalKey } from './natural-key.ts'
import { aggregated } from './oracle-aggregates.ts'
import { KEY_COLUMN, measure, type Program, type Step, type WindowStep } from './program.ts'
import { keyText, recordText } from './record-text.ts'

export interface Expected {
  /** Records of each output topic, as text. */
  readonly outputs: ReadonlyMap<string, readonly string[]>
  readonly taps: number
  readonly counters: Counters
}

/** Where the records that came in have gone. */
export interface Counters {
  late: number
  skipped: number
  tombstones: number
}

interface Record_ {
  /** Null = a tombstone. */
  readonly row: Cells | null
  readonly key: Buffer | null
  readonly time: number
  /** Of its own source partition, before it. */
  readonly watermark: number
  readonly headers: readonly string[]
}

export function expectedOf(program: Program, input: Input, coverage: Coverage): Expected {
  return new Oracle(program, coverage).run(input)
}

class Oracle {
  readonly #program: Program
  readonly #coverage: Coverage
  readonly #outputs = new Map<string, string[]>()
  readonly #counters: Counters = { late: 0, skipped: 0, tombstones: 0 }
  #taps = 0

  constructor(program: Program, coverage: Coverage) {
    this.#program = program
    this.#coverage = coverage
  }

  run(input: Input): Expected {
    const records = input.flatMap(partition => this.#read(partition))
    this.#path(this.#program.steps, records)
    return { outputs: this.#outputs, taps: this.#taps, counters: this.#counters }
  }

  #read(partition: readonly InputRecord[]): Record_[] {
    const { timestamp, disorderMs, keyColumn } = this.#program
    let greatest = Number.NEGATIVE_INFINITY
    return partition.flatMap(({ key, value, row, timestamp: written, origin }): Record_[] => {
      const isTombstone = value === null
      const time = timestamp === null || isTombstone ? written : (row?.get(timestamp) ?? null)
      const isKeyless = key === null && keyColumn !== 'none'
      if ((row === null && !isTombstone) || time === null || isKeyless) {
        this.#counters.skipped++
        return []
      }
      const watermark = greatest - disorderMs
      // A tombstone has no columns, so no time where time is a column.
      if (timestamp === null || !isTombstone) greatest = Math.max(greatest, time as number)
      const withKey = keyColumn === 'key' && row !== null && key !== null
      const cells = withKey ? new Map([[KEY_COLUMN, key.toString()], ...row]) : row
      const headers = [`id=${Buffer.from(origin).toString('hex')}`]
      return [{ row: cells, key, time: time as number, watermark, headers }]
    })
  }

  #path(steps: readonly Step[], records: readonly Record_[]): void {
    const [step, ...rest] = steps
    if (step === undefined) return
    if (step.kind === 'branch') {
      if (records.length > 0) this.#coverage.meet('branch')
      for (const branch of step.branches) this.#path(branch, records)
    } else if (step.kind === 'window') this.#window(step, records)
    else if (step.kind === 'output') this.#output(step, records)
    else
      this.#path(
        rest,
        records.flatMap(record => this.#step(step, record)),
      )
  }

  #step(step: Step, record: Record_): Record_[] {
    const { row } = record
    if (row === null) {
      this.#coverage.see(step.kind, 'tombstone', true)
      return [record]
    }
    return this.#guarded(() => this.#applied(step, record, row))
  }

  /** A record with a fault is skipped and counted. */
  #guarded<T>(apply: () => T[]): T[] {
    try {
      return apply()
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      this.#counters.skipped++
      return []
    }
  }

  #applied(step: Step, record: Record_, row: Cells): Record_[] {
    const cell = (expr: Expr): Cell => this.#eval(step.kind, expr, row)
    const cellOf = ({ name, kind }: Column): Cell => {
      const found = row.get(name) ?? null
      this.#coverage.see(step.kind, kind, found === null)
      return found
    }
    switch (step.kind) {
      case 'where':
        return cell(step.expr) === true ? [record] : []
      case 'filter':
        return measure(cellOf(step.column)) % 2 === 0 ? [record] : []
      case 'select':
        return [{ ...record, row: new Map(step.columns.map(c => [c.name, cell(c.expr)])) }]
      case 'withColumns': {
        const made = step.columns.map(c => [c.name, cell(c.expr)] as const)
        return [{ ...record, row: new Map([...row, ...made]) }]
      }
      case 'drop':
        this.#coverNames(step.kind, step.columns, row)
        return [{ ...record, row: without(row, step.columns) }]
      case 'rename': {
        this.#coverNames(step.kind, step.columns, row)
        const to = new Map(step.names)
        const renamed = [...row].map(([name, value]) => [to.get(name) ?? name, value] as const)
        return [{ ...record, row: new Map(renamed) }]
      }
      case 'fillNull': {
        const filled = step.values.map(
          ([column, value]) => [column.name, cellOf(column) ?? value] as const,
        )
        return [{ ...record, row: new Map([...row, ...filled]) }]
      }
      case 'map':
        return [{ ...record, row: new Map([...row, [step.into, measure(cellOf(step.column))]]) }]
      case 'flatMap':
        return Array.from({ length: measure(cellOf(step.column)) % 3 }, (_, i) => {
          return { ...record, row: new Map([...row, [step.into, i]]) }
        })
      case 'tap':
        this.#coverNames(step.kind, step.columns, row)
        this.#taps++
        return [record]
      case 'withKey':
        return [{ ...record, key: naturalKey([step.expr.type.kind], [cell(step.expr)]) }]
      case 'withTimestamp': {
        const time = cell(step.expr)
        if (time === null) throw new Fault('no time')
        return [{ ...record, time: time as number }]
      }
      case 'withHeaders': {
        const text = Buffer.from(String(measure(cellOf(step.column)))).toString('hex')
        return [{ ...record, headers: [...record.headers, `h=${text}`] }]
      }
      default:
        throw new Error(`the oracle does not know ${step.kind}`)
    }
  }

  #coverNames(operator: string, columns: readonly Column[], row: Cells): void {
    for (const { name, kind } of columns) {
      this.#coverage.see(operator, kind, (row.get(name) ?? null) === null)
    }
  }

  #eval(operator: string, expr: Expr, row: Cells): Cell {
    const cell = evaluate(expr, row, this.#coverage)
    this.#coverage.see(operator, expr.type.kind, cell === null)
    return cell
  }

  #output(step: Extract<Step, { kind: 'output' }>, records: readonly Record_[]): void {
    const written = records.flatMap(record => this.#guarded(() => [this.#written(step, record)]))
    this.#outputs.set(step.topic, written)
  }

  #written(step: Extract<Step, { kind: 'output' }>, record: Record_): string {
    const { row, time, headers } = record
    const { key, columns } = step
    const isKeyed = key.kind === 'columns' && row !== null
    const cells = isKeyed ? key.columns.map(({ name }) => row.get(name) ?? null) : []
    if (isKeyed && cells.length > 1) requireJson(cells)
    if (row !== null) requireJson([...row.values()])
    const bytes = isKeyed
      ? naturalKey(
          key.columns.map(column => column.kind),
          cells,
        )
      : record.key
    if (row === null) this.#coverage.see('toTopic', 'tombstone', true)
    else this.#coverNames('toTopic', columns, row)
    const shown = key.kind === 'unknown' && row !== null ? '?' : keyText(bytes)
    return recordText(shown, columns, row, time, headers)
  }

  #window(step: WindowStep, records: readonly Record_[]): void {
    const windows = new Map<string, { end: number; group: string; members: Member[] }>()
    const late: Record_[] = []
    const kind = step.stepMs === step.sizeMs ? 'tumbling' : 'hopping'
    for (const record of records) {
      const { row, time, watermark } = record
      if (row === null) {
        this.#coverage.see('window', 'tombstone', true)
        this.#counters.tombstones++
        continue
      }
      const ends = endsOf(step, time).filter(end => end + step.graceMs > watermark)
      if (ends.length === 0) {
        late.push(record)
        this.#coverage.meet('late')
        continue
      }
      this.#coverage.meet(kind)
      this.#guarded(() => {
        const group = groupOf(step, record, row)
        this.#coverNames('groupBy', step.columns, row)
        const inputs = step.aggregates.map(({ fn, input }) =>
          input === null ? true : this.#eval(fn, input, row),
        )
        if (step.reduced !== null) this.#coverNames('reduce', [step.reduced.column], row)
        for (const end of ends) {
          const name = `${end} ${group}`
          const window = windows.get(name) ?? { end, group, members: [] }
          windows.set(name, window)
          window.members.push({ record, inputs })
        }
        return []
      })
    }
    this.#counters.late += late.length
    const results = [...windows.values()].map(({ end, group, members }) =>
      resultOf(step, end, group, members),
    )
    this.#path(step.results, results)
    this.#path(step.late, late)
  }
}

/** Ends of the windows that hold the time. */
function endsOf({ sizeMs, stepMs }: WindowStep, time: number): number[] {
  const last = time - (((time % stepMs) + stepMs) % stepMs) + sizeMs
  return Array.from({ length: sizeMs / stepMs }, (_, i) => last - i * stepMs)
}

interface Member {
  readonly record: Record_
  readonly inputs: readonly Cell[]
}

function groupOf({ columns }: WindowStep, { key }: Record_, row: Cells): string {
  if (columns.length > 0) {
    return columns.map(({ name }) => canonical(row.get(name) ?? null)).join('|')
  }
  if (key === null) throw new Fault('no key')
  return key.toString('hex')
}

function resultOf(
  step: WindowStep,
  end: number,
  group: string,
  members: readonly Member[],
): Record_ {
  const [first] = members as [Member]
  // -0 and 0 are one group, whose value is 0.
  const columns = step.columns.map(({ name }) => {
    const cell = first.record.row?.get(name) ?? null
    return [name, cell === 0 ? 0 : cell] as const
  })
  const aggregates = step.aggregates.map((aggregate, i) => {
    const inputs = members.map(({ inputs }) => inputs[i] as Cell)
    return [aggregate.name, aggregated(aggregate, inputs)] as const
  })
  if (step.reduced !== null) aggregates.push(reducedOf(step.reduced, members))
  const bounds = [['window_start', end - step.sizeMs] as const, ['window_end', end] as const]
  return {
    row: new Map<string, Cell>([...columns, ...bounds, ...aggregates]),
    key: step.columns.length === 0 ? first.record.key : Buffer.from(group),
    time: Math.max(...members.map(({ record }) => record.time)),
    watermark: Number.NEGATIVE_INFINITY,
    headers: [],
  }
}

function reducedOf(
  { column, into }: NonNullable<WindowStep['reduced']>,
  members: readonly Member[],
) {
  const measured = members.map(({ record }) => 1 + measure(record.row?.get(column.name) ?? null))
  return [into, measured.reduce((sum, each) => sum + each, 0) as Cell] as const
}

function without(row: Cells, columns: readonly Column[]): Cells {
  return new Map([...row].filter(([name]) => columns.every(column => column.name !== name)))
}

/** JSON has no NaN and no infinities. */
function requireJson(cells: readonly Cell[]): void {
  const isWritable = cells.every(cell => typeof cell !== 'number' || Number.isFinite(cell))
  if (!isWritable) throw new Fault('not finite')
}
