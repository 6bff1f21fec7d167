/**
 * The plan as text: one block per sub-topology, one line per step, indented where frames branch.
 *
 * A step behind `|` runs in one machine with the line above it. Names that are no plain words are
 * in quotes, durations in their greatest whole unit; what has its default is not said.
 */
import { printExpr, printName } from '../expr/print.ts'
import type { FilterNode } from '../plan/filter.ts'
import type { LookupNode } from '../plan/lookup.ts'
import { inputOf, type PlanNode } from '../plan/node.ts'
import type { ProcessNode } from '../plan/process.ts'
import type { ProjectedColumn, ProjectNode } from '../plan/project.ts'
import type { SourceNode } from '../plan/source.ts'
import type { WindowNode } from '../plan/window.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { RecordsWanted } from '../source/column-bound.ts'
import type { PlanPart } from './sub-topologies.ts'

type Lines = {
  readonly [K in PlanNode['kind']]: (node: Extract<PlanNode, { kind: K }>) => readonly string[]
}

const LINES: Lines = {
  source: node => [explainSource(node)],
  filter: node => [explainFilter(node)],
  project: node => [explainProject(node)],
  stage: ({ steps }) =>
    steps.map((step, i) => {
      const line = step.kind === 'filter' ? explainFilter(step) : explainProject(step)
      return i === 0 ? line : `| ${line}`
    }),
  map: node => [line(node, `function, gives ${node.schema}`)],
  tap: node => [line(node, 'function')],
  lookup: node => [explainLookup(node)],
  key: node => [line(node, `${printExpr(node.expr)} as ${node.serde.name}`)],
  timestamp: node => [line(node, printExpr(node.expr))],
  headers: node => [line(node, 'function')],
  group: node => {
    const way =
      node.via === 'key'
        ? 'is the record key, no repartition'
        : `through internal topic ${identity(node.identity)}`
    return [line(node, `${names(node.columns)}, ${way}`)]
  },
  window: node => [explainWindow(node)],
  process: node => [explainProcess(node)],
  late: node => [line(node, `records too late for ${node.from.step}`)],
  updates: node => {
    const times = node.everyMs === 0 ? 'at each commit' : `every ${duration(node.everyMs)}`
    return [line(node, `changed results of ${node.from.step}, ${times}`)]
  },
  'to-topic': node => [line(node, `${node.topic.name} (${node.topic.value.name})`)],
  sink: node => [`${node.step}: sink`],
}

export function explainParts(parts: readonly PlanPart[]): string {
  return parts.map(explainPart).join('\n')
}

function explainPart(part: PlanPart): string {
  const { root, members } = part
  const head =
    root.kind === 'source'
      ? explainSource(root)
      : `internal topic ${identity(root.identity)} of sub-topology ${part.upstream}, ` +
        `rows ${root.schema}`
  const lines = [`sub-topology ${part.id}: ${head}`]
  const walk = (node: PlanNode, depth: number): void => {
    const readers = members.filter(member => inputOf(member) === node)
    for (const reader of readers) {
      const explain = LINES[reader.kind] as (node: PlanNode) => readonly string[]
      lines.push(...explain(reader).map(each => `${'  '.repeat(depth)}${each}`))
      const isCut = reader.kind === 'group' && reader.via === 'repartition'
      if (!isCut) walk(reader, readers.length > 1 ? depth + 1 : depth)
    }
  }
  walk(root, 1)
  return lines.join('\n')
}

function explainSource({ input, read, wanted }: SourceNode): string {
  const columns = read === 'all' ? 'every column' : read.length === 0 ? 'no column' : names(read)
  if (input.kind === 'source') {
    const records = wanted === undefined ? '' : `, wants ${wanted.map(printBounds).join(' or ')}`
    return `source ${input.source.name}, reads ${columns}${records}${onError(input.onError)}`
  }
  const { name, value, keyColumn, timestamp, disorderMs, onError: policy } = input.topic
  const parts = [
    `topic ${name} (${value.name})`,
    ...(keyColumn === null ? [] : [`key is ${printName(keyColumn)}`]),
    ...(timestamp === null ? [] : [`event time ${printExpr(timestamp)}`]),
    ...(disorderMs === 0 ? [] : [`disorder ${duration(disorderMs)}`]),
    `reads ${columns}`,
  ]
  return `${parts.join(', ')}${onError(policy)}`
}

function printBounds(bounds: RecordsWanted[number]): string {
  const symbols = { eq: '=', gt: '>', gte: '>=', lt: '<', lte: '<=' } as const
  return bounds
    .map(({ column, is, value }) => {
      const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
      return `${printName(column)} ${symbols[is]} ${text}`
    })
    .join(' and ')
}

function explainFilter(node: FilterNode): string {
  return line(node, printExpr(node.predicate))
}

/** What is new; before it the columns that stay, where some do not. */
function explainProject(node: ProjectNode): string {
  const made = node.columns.filter(column => !isPassed(column))
  const kept = node.columns.filter(isPassed)
  const isOld = (name: string) =>
    made.some(({ expr }) => expr.kind === 'column' && expr.name === name)
  const staysWhole = node.from.schema.names.every(name => node.schema.has(name) || isOld(name))
  const shown = [
    ...(node.omit !== null || (staysWhole && made.length > 0)
      ? []
      : kept.map(({ name }) => printName(name))),
    ...(node.omit === null || node.omit.length === 0 ? [] : [`all but ${names(node.omit)}`]),
    ...made.map(({ name, expr }) => `${printName(name)} = ${printExpr(expr)}`),
  ]
  return line(node, shown.length === 0 ? 'nothing new' : shown.join(', '))
}

function explainLookup(node: LookupNode): string {
  const { lookup, on, fields, cache } = node
  const taken = fields.map(({ name, from }) =>
    name === from ? printName(name) : `${printName(name)} = ${printName(from)}`,
  )
  const kept = lookup.perRecord
    ? 'each record'
    : `${cache.rowsMax} rows kept for ${duration(cache.keepMs)}`
  return line(node, `${taken.join(', ')} from ${lookup.name} by ${names(on)}, ${kept}`)
}

function isPassed({ name, expr }: ProjectedColumn): boolean {
  return expr.kind === 'column' && expr.name === name
}

function explainWindow(node: WindowNode): string {
  const { window, groupColumns, aggregates } = node
  const by = groupColumns.length === 0 ? 'the record key' : names(groupColumns.map(c => c.name))
  const calls = aggregates.map(({ name, aggregate, input, columns }) => {
    const made = columns === undefined ? printName(name) : names(columns.map(c => c.name))
    return `${made} = ${aggregate.name}(${input === null ? '' : printExpr(input)})`
  })
  const grace = window.graceMs === 0 ? '' : ` with grace ${duration(window.graceMs)}`
  const step = window.kind === 'hopping' ? ` every ${duration(window.stepMs)}` : ''
  const size = `${window.kind} ${duration(window.sizeMs)}${step}${grace}`
  return line(
    node,
    `${size} by ${by}: ${calls.join(', ')}; final, state ${identity(node.identity)}`,
  )
}

function explainProcess(node: ProcessNode): string {
  const { groupColumns, states, ttlMs, timer, schema } = node
  const by = groupColumns.length === 0 ? 'the record key' : names(groupColumns.map(c => c.name))
  const kept = Object.entries(states).map(
    ([name, { kind, keyType, type }]) =>
      `${printName(name)} = ${kind}(${keyType === null ? '' : `${keyType}, `}${type})`,
  )
  const parts = [
    timer === null ? 'function' : 'functions with timers',
    `by ${by}`,
    ...(ttlMs === null ? [] : [`expires after ${duration(ttlMs)}`]),
  ]
  const state = kept.length === 0 ? '' : `: ${kept.join(', ')}`
  return line(node, `${parts.join(' ')}${state}; gives ${schema}, state ${identity(node.identity)}`)
}

function line(node: PlanNode, text: string): string {
  return `${node.step}: ${text}${'onError' in node ? onError(node.onError) : ''}`
}

function onError(policy: ErrorPolicy): string {
  if (policy.kind === 'fail') return ''
  return `, on error ${policy.kind === 'skip' ? 'skip' : `dead letter to ${policy.topic.name}`}`
}

/** What names a topic or a state may have hyphens, which columns have not. */
function identity(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : printName(name)
}

function names(columns: readonly string[]): string {
  return columns.map(printName).join(', ')
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const

/** `90000` is `90s`, `3600000` is `1h`. */
function duration(ms: number): string {
  const [unit, size] = UNITS.find(([, each]) => ms >= each && ms % each === 0) ?? ['ms', 1]
  return `${ms / size}${unit}`
}
