/**
 * Makes a random pipeline from a seed. Every program that comes out is one a user may write: column
 * names and types are followed through the steps, and each path ends in an output.
 */
import {
  type Column,
  type ColumnType,
  isNumeric,
  KINDS,
  type Kind,
  ODD_NAMES,
  randomCell,
} from './cell.ts'
import { type Expr, randomExpr } from './expression.ts'
import {
  type Aggregate,
  type Computed,
  KEY_COLUMN,
  type OutputKey,
  type OutputOrder,
  type Program,
  type Step,
  type WindowStep,
} from './program.ts'
import { Random } from './random.ts'
import { FUNCTIONS, USES, type Use } from './required.ts'

/** What is known at a point of the chain. */
interface Point {
  readonly columns: readonly Column[]
  readonly key: OutputKey
  /** Columns the record key holds; null = not known. */
  readonly keyColumns: readonly string[] | null
  /** `window` without `groupBy` may follow. */
  readonly isPartitioned: boolean
  readonly order: OutputOrder
  readonly windows: number
  readonly isLate: boolean
}

const STEPS_MAX = 5
/** What a window must have. */
interface Wanted {
  readonly groupBy?: readonly string[]
  readonly fn?: Aggregate['fn']
  readonly input?: Expr
}

const USE_FOCI = Object.entries(USES).flatMap(([use, kinds]) =>
  kinds.map(kind => [use as Use, kind] as const),
)
const FOCI = Object.entries(FUNCTIONS).flatMap(([name, kinds]) =>
  kinds.map(kind => [name, kind] as const),
)
const EXPR_DEPTH = 3
const GROUPABLE: readonly Kind[] = KINDS.filter(kind => kind !== 'json')

export function randomProgram(seed: number): Program {
  return new Generator(seed).program()
}

class Generator {
  readonly #random: Random
  readonly #seed: number
  #outputs = 0
  #windows = 0

  constructor(seed: number) {
    this.#seed = seed
    this.#random = new Random(seed)
  }

  program(): Program {
    const random = this.#random
    const keyColumn = random.pick(['none', 'none', 'value', 'key'] as const)
    const names = random.shuffled(ODD_NAMES.filter(name => name !== KEY_COLUMN))
    const own = Array.from({ length: random.int(3, 7) }, (_, i) => this.#column(names[i] as string))
    const key = { name: KEY_COLUMN, kind: 'string', isNullable: false, isSummable: false } as const
    const focus = this.#focus(own)
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

  /** The function whose turn it is, applied to a nullable column put among the others. */
  #focus(own: Column[]): Expr {
    const [name, kind] = FOCI[this.#seed % FOCI.length] as readonly [string, Kind]
    const column: Column = { ...(own[0] as Column), kind, isNullable: true }
    own[0] = column
    for (;;) {
      const expr = randomExpr(this.#random, own, this.#random.pick(KINDS), 1)
      const isOfColumn = (arg: Expr): boolean => arg.op === 'column' && arg.name === column.name
      if (expr?.op === 'call' && expr.name === name && expr.args.some(isOfColumn)) return expr
      // The others may lack a type that the function needs besides.
      if (this.#random.chance(0.9)) continue
      const other = this.#random.int(1, own.length - 1)
      own[other] = this.#column((own[other] as Column).name)
    }
  }

  /** The steps, with the focus at once. */
  #focused(at: Point, expr: Expr, use: Use, used: Column): Step[] {
    const taken = new Set(at.columns.map(({ name }) => name))
    const name = ODD_NAMES.find(each => !taken.has(each)) as string
    const columns = [{ name, expr }]
    const computed = [...at.columns, this.#resultColumn(at, { name, expr })]
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
        const [step, after] = this.#mapped(at, use, column)
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

  #column(name: string): Column {
    const kind = this.#random.pick(KINDS)
    return { name, kind, isNullable: this.#random.chance(0.6), isSummable: true }
  }

  /** Some steps, then an output, a window or a branch of such. */
  #path(from: Point, length: number): Step[] {
    const steps: Step[] = []
    let at = from
    for (let i = 0; i < length; i++) {
      const made = this.#step(at)
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
    return [this.#output(at)]
  }

  #output({ columns, key, order }: Point): Step {
    return { kind: 'output', topic: `out-${this.#outputs++}`, columns, key, order }
  }

  #step(at: Point): [Step, Point] | null {
    const random = this.#random
    switch (random.int(0, 11)) {
      case 0:
      case 1:
        return this.#where(at)
      case 2:
        return [{ kind: 'filter', column: this.#watched(at) }, at]
      case 3:
        return this.#select(at)
      case 4:
      case 5:
        return this.#withColumns(at)
      case 6:
        return this.#drop(at)
      case 7:
        return this.#rename(at)
      case 8:
        return this.#fillNull(at)
      case 9:
        return this.#mapped(at, random.pick(['map', 'flatMap']), this.#watched(at))
      case 10:
        return random.chance(0.3)
          ? [{ kind: 'tap', columns: at.columns }, at]
          : [{ kind: 'withHeaders', column: this.#watched(at) }, at]
      default:
        return this.#withKey(at)
    }
  }

  #expr(at: Point, kinds: readonly Kind[]): Expr | null {
    for (const kind of this.#random.shuffled(kinds)) {
      const expr = randomExpr(this.#random, at.columns, kind, EXPR_DEPTH)
      if (expr !== null) return expr
    }
    return null
  }

  #where(at: Point): [Step, Point] | null {
    const expr = randomExpr(this.#random, at.columns, 'boolean', EXPR_DEPTH)
    return expr === null ? null : [{ kind: 'where', expr }, at]
  }

  #computed(at: Point, names: readonly string[]): Computed[] {
    return names.flatMap(name => {
      const expr = this.#expr(at, KINDS)
      return expr === null ? [] : [{ name, expr }]
    })
  }

  #select(at: Point): [Step, Point] {
    const kept = this.#random.some(at.columns, 1).map(({ name, kind, isNullable }): Computed => {
      return { name, expr: { op: 'column', name, type: { kind, isNullable } } }
    })
    const free = ODD_NAMES.filter(name => !kept.some(each => each.name === name))
    const columns = [...kept, ...this.#computed(at, this.#random.some(free, 0, 2))]
    const after = columns.map(each => this.#resultColumn(at, each))
    return [{ kind: 'select', columns }, projected(at, after, passedNames(columns))]
  }

  #withColumns(at: Point): [Step, Point] | null {
    const names = this.#random.some(
      [...ODD_NAMES, ...at.columns.map(({ name }) => name).filter(name => name !== KEY_COLUMN)],
      1,
      2,
    )
    const columns = this.#computed(at, [...new Set(names)])
    if (columns.length === 0) return null
    const made = new Map(columns.map(each => [each.name, this.#resultColumn(at, each)]))
    const kept = at.columns.map(column => made.get(column.name) ?? column)
    const added = [...made.values()].filter(({ name }) => at.columns.every(c => c.name !== name))
    const passed = new Map(at.columns.map(({ name }) => [name, name]))
    for (const { name, expr } of columns) {
      passed.delete(name)
      if (expr.op === 'column' && !passed.has(expr.name)) passed.set(expr.name, name)
    }
    return [{ kind: 'withColumns', columns }, projected(at, [...kept, ...added], passed)]
  }

  #resultColumn(at: Point, { name, expr }: Computed): Column {
    const from = expr.op === 'column' ? at.columns.find(each => each.name === expr.name) : undefined
    return { name, ...expr.type, isSummable: from?.isSummable ?? false }
  }

  #drop(at: Point): [Step, Point] | null {
    if (at.columns.length < 2) return null
    const columns = this.#random.some(at.columns, 1, at.columns.length - 1)
    const kept = at.columns.filter(column => !columns.includes(column))
    const passed = new Map(kept.map(({ name }) => [name, name]))
    return [{ kind: 'drop', columns }, projected(at, kept, passed)]
  }

  #rename(at: Point): [Step, Point] {
    const free = ODD_NAMES.filter(name => at.columns.every(column => column.name !== name))
    const moved = this.#random.some(at.columns, 1, 2)
    const to = this.#random.shuffled(free)
    const names = moved.map(({ name }, i) => [name, to[i] as string] as const)
    const passed = new Map([...at.columns.map(({ name }) => [name, name] as const), ...names])
    const columns = at.columns.map(each => ({ ...each, name: passed.get(each.name) as string }))
    return [{ kind: 'rename', columns: moved, names }, projected(at, columns, passed)]
  }

  #fillNull(at: Point): [Step, Point] | null {
    const fillable = at.columns.filter(({ kind }) => kind !== 'json' && kind !== 'bytes')
    if (fillable.length === 0) return null
    const values = this.#random
      .some(fillable, 1, 2)
      .map(column => [column, randomCell(this.#random, { ...column, isNullable: false })] as const)
    const filled = new Set(values.map(([{ name }]) => name))
    const columns = at.columns.map(each =>
      filled.has(each.name) ? { ...each, isNullable: false } : each,
    )
    const passed = new Map(
      at.columns.flatMap(({ name }) => (filled.has(name) ? [] : [[name, name] as const])),
    )
    return [{ kind: 'fillNull', values }, projected(at, columns, passed)]
  }

  #mapped(at: Point, kind: 'map' | 'flatMap', column: Column): [Step, Point] {
    const random = this.#random
    const into = random.pick(ODD_NAMES)
    const made: Column = { name: into, kind: 'int32', isNullable: false, isSummable: true }
    const schema = [...at.columns.filter(({ name }) => name !== into), made]
    const step: Step = { kind, column, into, schema }
    return [step, projected(at, schema, new Map())]
  }

  /** A column for the user's function: mostly one with nulls. */
  #watched({ columns }: Point): Column {
    const nullable = columns.filter(({ isNullable }) => isNullable)
    return this.#random.pick(nullable.length > 0 && this.#random.chance(0.7) ? nullable : columns)
  }

  #withKey(at: Point): [Step, Point] | null {
    const kinds = GROUPABLE.filter(kind => kind !== 'boolean')
    const expr = this.#expr(at, kinds)
    if (expr === null) return null
    return [{ kind: 'withKey', expr }, keyed(at)]
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
    const aggregates = this.#aggregates(at, names, wanted)
    const key: OutputKey = names.length === 0 ? at.key : { kind: 'columns', columns }
    const results: Point = {
      columns: [...columns, ...WINDOW_COLUMNS, ...aggregates.map(resultOf(at))],
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
      graceMs: random.pick([0, 0, 700, 2_500]),
      aggregates,
      results: this.#path(results, random.int(0, 2)),
      late: this.#path(late, random.int(0, 1)),
    }
  }

  #aggregates(at: Point, taken: readonly string[], { fn, input }: Wanted): Aggregate[] {
    const free = this.#random.shuffled(ODD_NAMES.filter(name => !taken.includes(name)))
    const made = free.slice(0, this.#random.int(1, 4)).map(name => this.#aggregate(at, name))
    if (fn !== undefined && input !== undefined) made.push({ name: free[5] as string, fn, input })
    return made.every(each => each.fn !== 'count' || each.input !== null) && made.length < 4
      ? [...made, { name: free[4] as string, fn: 'count', input: null }]
      : made
  }

  #aggregate(at: Point, name: string): Aggregate {
    const random = this.#random
    const fn = random.pick(['count', 'count', 'sum', 'sum', 'mean', 'min', 'max'] as const)
    if (fn === 'count' && random.chance(0.7)) {
      const { name: counted, kind, isNullable } = this.#watched(at)
      return { name, fn, input: { op: 'column', name: counted, type: { kind, isNullable } } }
    }
    const input = fn === 'sum' ? this.#summand(at) : this.#expr(at, INPUTS[fn])
    return input === null ? { name, fn: 'count', input: null } : { name, fn, input }
  }

  /** Sums of whole numbers that cannot overflow: a sum that does stops the run. */
  #summand(at: Point): Expr | null {
    const columns = at.columns.filter(({ kind, isSummable }) => isNumeric(kind) && isSummable)
    if (columns.length > 0 && this.#random.chance(0.7)) {
      const { name, kind, isNullable } = this.#random.pick(columns)
      return { op: 'column', name, type: { kind, isNullable } }
    }
    return this.#expr(at, ['float64'])
  }
}

const INPUTS: Readonly<Record<'count' | 'mean' | 'min' | 'max', readonly Kind[]>> = {
  count: KINDS,
  mean: ['int32', 'int64', 'safe', 'float64'],
  min: GROUPABLE,
  max: GROUPABLE,
}

const TIME = { kind: 'timestamp', isNullable: false, isSummable: false } as const
const WINDOW_COLUMNS: readonly Column[] = [
  { name: 'window_start', ...TIME },
  { name: 'window_end', ...TIME },
]

function resultOf(at: Point): (aggregate: Aggregate) => Column {
  return ({ name, fn, input }) => ({
    name,
    ...resultType(fn, input?.type ?? null),
    isSummable: fn === 'count' && at.windows === 0,
  })
}

function resultType(fn: Aggregate['fn'], input: ColumnType | null): ColumnType {
  if (fn === 'count' || input === null) return { kind: 'safe', isNullable: false }
  if (fn === 'mean') return { kind: 'float64', isNullable: true }
  const isSmall = fn === 'sum' && input.kind === 'int32'
  return { kind: isSmall ? 'safe' : input.kind, isNullable: true }
}

/** A select's columns that pass as they are: old name to new. */
function passedNames(columns: readonly Computed[]): ReadonlyMap<string, string> {
  const passed = new Map<string, string>()
  for (const { name, expr } of columns) {
    if (expr.op === 'column' && !passed.has(expr.name)) passed.set(expr.name, name)
  }
  return passed
}

/** Behind `withKey`: windows by key would need records of equal keys in one partition. */
function keyed(at: Point): Point {
  const key = { kind: 'pass' } as const
  return { ...at, key, keyColumns: null, isPartitioned: false, order: loose(at) }
}

/** Behind a group, equal keys may come from several tasks once the key is another. */
function loose({ order, isLate, windows }: Point): OutputOrder {
  return isLate || windows > 0 ? 'none' : order
}

/** The point behind a projection; a key whose columns do not all pass is known no more. */
function projected(
  at: Point,
  columns: readonly Column[],
  passed: ReadonlyMap<string, string>,
): Point {
  const named = (names: readonly string[]): Column[] | null => {
    const found = names.map(name => columns.find(each => each.name === passed.get(name)))
    return found.every(each => each !== undefined) ? (found as Column[]) : null
  }
  const { key, keyColumns } = at
  const keyed = keyColumns === null ? null : named(keyColumns)
  const grouped = key.kind === 'columns' ? named(key.columns.map(({ name }) => name)) : null
  const isUnknown = key.kind === 'unknown' || (key.kind === 'columns' && grouped === null)
  return {
    ...at,
    columns,
    order: isUnknown ? loose(at) : at.order,
    keyColumns: keyed?.map(({ name }) => name) ?? null,
    key:
      key.kind !== 'columns'
        ? key
        : grouped === null
          ? { kind: 'unknown' }
          : { kind: 'columns', columns: grouped },
  }
}
