/**
 * Makes a random pipeline from a seed. Every program that comes out is one a user may write: column
 * names and types are followed through the steps, and each path ends in an output.
 */

import { Random } from '../../random.ts'
import {
  AggregateMaker,
  reducedColumn,
  resultOf,
  type Wanted,
  WINDOW_COLUMNS,
} from './aggregate-maker.ts'
import { type Column, type Kind, ODD_NAMES, randomColumn } from './cell.ts'
import type { Expr } from './expression.ts'
import { focusOf } from './focus.ts'
import { keyed, type Point } from './point.ts'
import { KEY_COLUMN, type OutputKey, type Program, type Step, type WindowStep } from './program.ts'
import { USES, type Use } from './required.ts'
import { GROUPABLE, StepMaker } from './step-maker.ts'

const STEPS_MAX = 5
const USE_FOCI = Object.entries(USES).flatMap(([use, kinds]) =>
  kinds.map(kind => [use as Use, kind] as const),
)

export function randomProgram(seed: number): Program {
  return new Generator(seed).program()
}

class Generator {
  readonly #random: Random
  readonly #seed: number
  readonly #steps: StepMaker
  readonly #aggregates: AggregateMaker
  #outputs = 0
  #windows = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(seed)
    this.#steps = new StepMaker(this.#random)
    this.#aggregates = new AggregateMaker(this.#random, this.#steps)
  }

  program(): Program {
    const random = this.#random
    const keyColumn = random.pick(['none', 'none', 'value', 'key'] as const)
    const names = random.shuffled(ODD_NAMES.filter(name => name !== KEY_COLUMN))
    const own = Array.from({ length: random.int(3, 7) }, (_, i) =>
      randomColumn(random, names[i] as string),
    )
    const key = { name: KEY_COLUMN, kind: 'string', isNullable: false, isSummable: false } as const
    const focus = focusOf(this.#seed, random, own)
    const [use, kind] = USE_FOCI[this.#seed % USE_FOCI.length] as readonly [Use, Kind]
    const used: Column = {
      name: names[own.length] as string,
      kind,
      isNullable: true,
      isSummable: true,
    }
    own.push(used)
    const value = keyColumn === 'value' ? [key, ...own] : own
    // Not the column of the focus: records whose time is null are skipped before any step.
    const times = own.slice(1, -1).filter(each => each.kind === 'timestamp')
    const timestamp = times.length > 0 && random.chance(0.5) ? random.pick(times).name : null
    const start: Point = {
      columns: keyColumn === 'key' ? [key, ...own] : value,
      key: { kind: 'pass' },
      keyColumns: keyColumn === 'none' ? null : [KEY_COLUMN],
      isPartitioned: true,
      order: 'origin',
      windows: 0,
      isLate: false,
    }
    return {
      seed: this.#seed,
      columns: value,
      keyColumn,
      timestamp,
      disorderMs: random.pick([0, 0, 500, 3_000]),
      steps: this.#focused(start, focus, use, used),
    }
  }

  /** The steps, with the focus at once. */
  #focused(at: Point, expr: Expr, use: Use, used: Column): Step[] {
    const taken = new Set(at.columns.map(({ name }) => name))
    const name = ODD_NAMES.find(each => !taken.has(each)) as string
    const columns = [{ name, expr }]
    const computed = [...at.columns, this.#steps.resultColumn(at, { name, expr })]
    const after = { ...at, columns: computed }
    return [{ kind: 'withColumns', columns }, ...this.#using(after, use, used)]
  }

  /** The steps, with one that uses the column. */
  #using(at: Point, use: Use, column: Column): Step[] {
    const { name, kind, isNullable } = column
    const input: Expr = { op: 'column', name, type: { kind, isNullable } }
    const length = this.#random.int(0, STEPS_MAX)
    switch (use) {
      case 'filter':
      case 'withHeaders':
        return [{ kind: use, column }, ...this.#path(at, length)]
      case 'map':
      case 'flatMap': {
        const [step, after] = this.#steps.mapped(at, use, column)
        return [step, ...this.#path(after, length)]
      }
      case 'rename': {
        const [step, after] = this.#steps.renamed(at, [column])
        return [step, ...this.#path(after, length)]
      }
      case 'withKey':
        return [{ kind: use, expr: input }, ...this.#path(keyed(at), length)]
      case 'groupBy':
        return this.#branched(at, length, this.#window(at, { groupBy: [name] }))
      default:
        return this.#branched(at, length, this.#window(at, { fn: use, input }))
    }
  }

  #branched(at: Point, length: number, window: WindowStep | null): Step[] {
    const rest = this.#path(at, length)
    return window === null ? rest : [{ kind: 'branch', branches: [[window], rest] }]
  }

  /** Some steps, then an output, a window or a branch of such. */
  #path(from: Point, length: number): Step[] {
    const steps: Step[] = []
    let at = from
    for (let i = 0; i < length; i++) {
      const made = this.#steps.step(at)
      if (made === null) continue
      steps.push(made[0])
      at = made[1]
    }
    return [...steps, ...this.#end(at)]
  }

  #end(at: Point): Step[] {
    const random = this.#random
    const wantsWindow = !at.isLate && random.chance([0.8, 0.25, 0][at.windows] ?? 0)
    const window = wantsWindow ? this.#window(at) : null
    if (window !== null) {
      if (random.chance(0.75)) return [window]
      return [{ kind: 'branch', branches: [[this.#output(at)], [window]] }]
    }
    if (this.#outputs < 3 && random.chance(0.3)) {
      const branches = [this.#path(at, random.int(0, 2)), this.#path(at, random.int(0, 2))]
      return [{ kind: 'branch', branches }]
    }
    return this.#written(at)
  }

  /** An output, some with timestamps of their own: no window may stand behind those. */
  #written(at: Point): Step[] {
    const expr = this.#random.chance(0.2) ? this.#steps.expr(at, ['timestamp']) : null
    if (expr === null) return [this.#output(at)]
    const order = at.order === 'time' ? 'none' : at.order
    return [{ kind: 'withTimestamp', expr }, this.#output({ ...at, order })]
  }

  #output({ columns, key, order }: Point): Step {
    return { kind: 'output', topic: `out-${this.#outputs++}`, columns, key, order }
  }

  #window(at: Point, wanted: Wanted = {}): WindowStep | null {
    const random = this.#random
    const groupable = at.columns.filter(
      ({ kind, name }) => GROUPABLE.includes(kind) && !name.startsWith('window_'),
    )
    const byKey = at.isPartitioned && (groupable.length === 0 || random.chance(0.25))
    if (!byKey && groupable.length === 0) return null
    const inKey = at.keyColumns?.filter(name => groupable.some(column => column.name === name))
    const groupBy =
      wanted.groupBy ??
      (byKey
        ? null
        : inKey !== undefined &&
            inKey.length > 0 &&
            inKey.length === at.keyColumns?.length &&
            random.chance(0.4)
          ? inKey
          : random.some(groupable, 1, 2).map(({ name }) => name))
    const names = groupBy ?? at.keyColumns ?? []
    const columns = names.map(name => at.columns.find(column => column.name === name) as Column)
    const sizeMs = random.pick([1_000, 2_000, 5_000]) * (at.windows === 0 ? 1 : 3)
    const stepMs = sizeMs / random.pick([1, 1, 2, 5])
    const isReduced = wanted.fn === undefined && random.chance(0.2)
    const reduced = isReduced
      ? { column: this.#steps.watched(at), into: this.#steps.freeName(names) }
      : null
    const aggregates = reduced === null ? this.#aggregates.aggregates(at, names, wanted) : []
    const made = reduced === null ? aggregates.map(resultOf(at)) : [reducedColumn(reduced.into)]
    const key: OutputKey = names.length === 0 ? at.key : { kind: 'columns', columns }
    const results: Point = {
      columns: [...columns, ...WINDOW_COLUMNS, ...made],
      key,
      keyColumns: names.length === 0 ? null : names,
      isPartitioned: true,
      order: key.kind === 'unknown' ? 'none' : 'time',
      windows: at.windows + 1,
      isLate: false,
    }
    const lateKey: OutputKey = groupBy === null ? at.key : { kind: 'columns', columns }
    const late: Point = { ...at, key: lateKey, isLate: true, isPartitioned: false }
    return {
      kind: 'window',
      id: this.#windows++,
      groupBy,
      columns,
      sizeMs,
      stepMs,
      graceMs: random.pick([0, 0, 700, 2_500]),
      aggregates,
      reduced,
      results: this.#path(results, random.int(0, 2)),
      late: this.#path(late, random.int(0, 1)),
    }
  }
}
