/**
 * From a frame's schema, a live table and the user's settings to what is bound where; or to the
 * list of everything that does not fit, with what would.
 *
 * Columns go by name: the exact name, else its lower case, which is what CQL makes of a name
 * without quotes. `columns` renames. `'address.city'` sets one field of a user-defined type.
 */
import {
  type DataType,
  didYouMean,
  type Schema,
  type SinkContext,
  type SinkKey,
  t,
} from '@millrace/core'
import { showName } from './cql-name.ts'
import { type CqlType, cqlText } from './cql-type.ts'
import type { LiveTable, TableColumn } from './live-table.ts'
import { isConditional } from './statement.ts'
import type { ColumnOp, TableSettings } from './table-options.ts'
import { fits, misfitText, typeMadeFor } from './type-fit.ts'

/** A value of the frame and the column that it goes to. */
export interface BoundColumn {
  /** Column of the table. */
  readonly column: string
  /** One field of it, where it is a user-defined type. */
  readonly field: string | null
  /** Of what is bound: the column, its field, or what is added to it. */
  readonly type: CqlType
  readonly from: string
  readonly op: ColumnOp
  readonly isKey: boolean
}

export interface TablePlan {
  readonly bound: readonly BoundColumn[]
  /** The primary key, in its order; of `bound`. */
  readonly key: readonly BoundColumn[]
  readonly partitionKey: readonly BoundColumn[]
  readonly isCounter: boolean
  /** The column that tells which records have changed a row; null = none does. */
  readonly fence: string | null
  /** Which cells of a record's key make the primary key, for tombstones; null = it does not. */
  readonly tombstoneKey: readonly number[] | null
}

/** A column of the frame that the table does not have. */
export interface MissingColumn {
  readonly name: string
  readonly type: DataType
  /** For messages. */
  readonly text: string
}

export interface PlanResult {
  readonly plan: TablePlan
  readonly problems: readonly string[]
  readonly missing: readonly MissingColumn[]
}

/** What a sink is told of the rows that it is given. */
export type Frame = Pick<SinkContext, 'schema' | 'key' | 'computed'>

export function planTable(table: LiveTable, settings: TableSettings, frame: Frame): PlanResult {
  const { schema, key } = frame
  const problems: string[] = []
  const missing: MissingColumn[] = []
  const bound: BoundColumn[] = []
  const bind = (column: TableColumn, field: string | null, from: string, op: ColumnOp): void => {
    if (bound.some(each => each.column === column.name && each.field === field)) {
      problems.push(`column ${showName(column.name)} of the table would be written twice`)
      return
    }
    const made = boundColumn(table, column, { field, from, op })
    const type = typeOf(schema, from)
    if (typeof made === 'string') problems.push(made)
    else if (type === null) problems.push(noColumn(schema, from))
    else if (fits(type, made.type)) bound.push(made)
    else problems.push(misfitText(from, type, `${showName(column.name)} of the table`, made.type))
  }
  const isUsed = usedBy(table, settings, frame)
  for (const [name, { op, from }] of settings.columns) {
    const target = targetOf(table, name)
    if (target === null) problems.push(noTarget(table, name))
    else bind(target.column, target.field, from, op)
  }
  for (const { name, type } of schema.fields) {
    if (frame.computed.has(name) || isTaken(name, settings)) continue
    const column = findColumn(table, name)
    if (isUsed(name, column)) continue
    if (column !== null) bind(column, null, name, 'set')
    else missing.push({ name, type, text: missingText(table, name, type) })
  }
  if (schema.isOpen) bindOpen(table, schema, settings, bound, bind)
  const plan = planOf(table, bound, key, fenceOf(table, settings))
  problems.push(
    ...keyProblems(table, plan, schema, settings),
    ...otherProblems(plan, settings),
    ...fenceProblems(plan, settings),
  )
  return { plan, problems, missing }
}

function missingText(table: LiveTable, name: string, type: DataType): string {
  const names = table.columns.map(column => column.name)
  return (
    `the table has no column for column ${JSON.stringify(name)} (${type}) of the frame` +
    `.${didYouMean(name, names)} Add it: ${showName(name)} ` +
    `${typeMadeFor(type) ?? '(a type for JSON)'}; ` +
    `or say skip: [${JSON.stringify(name)}]`
  )
}

/** Columns that are known by name only; those that the table does not have are left out. */
function bindOpen(
  table: LiveTable,
  schema: Schema,
  settings: TableSettings,
  bound: readonly BoundColumn[],
  bind: (column: TableColumn, field: null, from: string, op: ColumnOp) => void,
): void {
  for (const column of table.columns) {
    const isBound = bound.some(each => each.column === column.name)
    const isOurs = column.name === fenceOf(table, settings)?.name
    if (isBound || isOurs || schema.has(column.name) || settings.skip.has(column.name)) continue
    bind(column, null, column.name, 'set')
  }
}

/** Columns that are written under another name, or are not written. */
function isTaken(name: string, settings: TableSettings): boolean {
  const { ttl, writeTime, skip, deleteWhere, columns } = settings
  if (skip.has(name) || deleteWhere === name) return true
  if (typeof ttl === 'object' && ttl?.column === name) return true
  if (typeof writeTime === 'object' && writeTime.column === name) return true
  return [...columns.values()].some(({ from }) => from === name)
}

/** Tells columns whose value goes where an expression put it: they need no place of their own. */
function usedBy(
  table: LiveTable,
  settings: TableSettings,
  { computed }: Frame,
): (name: string, column: TableColumn | null) => boolean {
  const read = new Set(
    [...settings.computed.keys(), ...settings.uses].flatMap(name => computed.get(name) ?? [name]),
  )
  const written = [...settings.columns.keys()].map(name => targetOf(table, name)?.column)
  return (name, column) => read.has(name) && (column === null || written.includes(column))
}

/** The column of the frame behind a name in `key`. */
export function sourceOf(name: string, { columns }: TableSettings): string {
  return columns.get(name)?.from ?? name
}

export function findColumn(table: LiveTable, name: string): TableColumn | null {
  const named = (wanted: string) => table.columns.find(column => column.name === wanted)
  return named(name) ?? named(name.toLowerCase()) ?? null
}

function targetOf(
  table: LiveTable,
  name: string,
): { readonly column: TableColumn; readonly field: string | null } | null {
  const whole = findColumn(table, name)
  if (whole !== null) return { column: whole, field: null }
  const dot = name.lastIndexOf('.')
  const column = dot < 0 ? null : findColumn(table, name.slice(0, dot))
  return column === null ? null : { column, field: name.slice(dot + 1) }
}

function boundColumn(
  table: LiveTable,
  column: TableColumn,
  { field, from, op }: { field: string | null; from: string; op: ColumnOp },
): BoundColumn | string {
  const isKey = column.kind === 'partition_key' || column.kind === 'clustering'
  const base = { column: column.name, from, isKey }
  const shown = showName(column.name)
  if (column.type.kind === 'counter') {
    const isPlain = op === 'set' && field === null
    return isPlain
      ? { ...base, field, op: 'increment', type: column.type }
      : `${shown} is a counter: what is written to it is added to it, so name its column alone`
  }
  if (field !== null) {
    const { type } = column
    const of = type.kind === 'udt' ? type.fields.find(({ name }) => name === field) : undefined
    if (of === undefined) return `${shown} has no field ${showName(field)}`
    if (type.kind === 'udt' && type.isFrozen) {
      return `${shown} is frozen: it is written as a whole, not field by field`
    }
    return op === 'set'
      ? { ...base, field, op, type: of.type }
      : `a field is set, not changed by ${op}`
  }
  if (op === 'set') return { ...base, field, op, type: column.type }
  const changed = changedType(column.type, op)
  const isChangeable = changed !== null && !isKey && !table.isCounter
  return isChangeable
    ? { ...base, field, op, type: changed }
    : `${shown} cannot be changed by ${op}: that is for collections that are not frozen`
}

/** The type of what is added to a collection, or taken from it. */
function changedType(type: CqlType, op: ColumnOp): CqlType | null {
  const isCollection = type.kind === 'list' || type.kind === 'set' || type.kind === 'map'
  if (!isCollection || type.isFrozen) return null
  if (op === 'prepend') return type.kind === 'list' ? type : null
  if (op === 'remove' && type.kind === 'map')
    return { kind: 'set', item: type.key, isFrozen: false }
  return type
}

function planOf(
  table: LiveTable,
  bound: readonly BoundColumn[],
  key: SinkKey | null,
  fence: TableColumn | null,
): TablePlan {
  const find = (names: readonly string[]) =>
    names.flatMap(name => bound.find(({ column }) => column === name) ?? [])
  const names = [...table.partitionKey, ...table.clustering]
  const primary = find(names)
  return {
    bound,
    key: primary,
    partitionKey: find(table.partitionKey),
    isCounter: table.isCounter,
    fence: fence !== null && cqlText(fence.type) === FENCE_TYPE ? fence.name : null,
    tombstoneKey: primary.length === names.length ? tombstoneKey(primary, key) : null,
  }
}

function tombstoneKey(primary: readonly BoundColumn[], key: SinkKey | null): number[] | null {
  if (key === null) return null
  const { columns } = key
  if (columns === null) return primary.length === 1 ? [0] : null
  const cells = primary.map(({ from }) => columns.indexOf(from))
  return cells.every(cell => cell >= 0) ? cells : null
}

function keyProblems(
  table: LiveTable,
  { key }: TablePlan,
  schema: Schema,
  settings: TableSettings,
): string[] {
  const names = [...table.partitionKey, ...table.clustering]
  const problems = names
    .filter(name => !key.some(({ column }) => column === name))
    .map(name => {
      const { type } = table.columns.find(column => column.name === name) as TableColumn
      const near = didYouMean(name, schema.names)
      const column = `${showName(name)} (${type.kind})`
      return `no column of the frame is written to ${column}, part of the primary key.${near}`
    })
  const said = settings.key
  const live = key.map(({ from }) => from)
  const isSame =
    said === null ||
    (said.length === live.length && said.every((name, i) => sourceOf(name, settings) === live[i]))
  if (!isSame && problems.length === 0) {
    problems.push(
      `key says (${said.join(', ')}), the primary key of the table is (${live.join(', ')})`,
    )
  }
  return problems
}

function otherProblems(plan: TablePlan, settings: TableSettings): string[] {
  const problems: string[] = []
  const { condition, ttl, writeTime, write, deleteWhere } = settings
  if (plan.isCounter && ttl !== null) problems.push('a table of counters has no ttl')
  if (plan.isCounter && condition !== null) problems.push('a table of counters takes no condition')
  if (isConditional(settings) && typeof writeTime === 'object') {
    problems.push(
      'with a condition or a fence the server gives the write time: writeTime may not be a column',
    )
  }
  const changes = plan.bound.some(({ op, field }) => op !== 'set' || field !== null)
  if (changes && !plan.isCounter && write === 'insert') {
    problems.push("collections are changed, and fields set, by write: 'update'")
  }
  if (condition === 'exists' && write === 'insert') {
    problems.push("condition: 'exists' is for write: 'update'")
  }
  if (condition === 'not exists' && write === 'update') {
    problems.push("condition: 'not exists' is for write: 'insert'")
  }
  if (plan.isCounter && deleteWhere !== null) problems.push('a table of counters has no deletes')
  return problems
}

const FENCE_TYPE = 'map<text, bigint>'

function fenceOf(table: LiveTable, { fence }: TableSettings): TableColumn | null {
  return fence === null ? null : findColumn(table, fence)
}

/** What would take a fence away, or go by it. */
function fenceProblems({ fence: column, bound }: TablePlan, settings: TableSettings): string[] {
  const { fence, write, ttl, deleteWhere, tombstones, condition, notApplied } = settings
  if (fence === null) return []
  const problems: string[] = []
  if (column === null) {
    problems.push(`the fence ${showName(fence)} is a column of type ${FENCE_TYPE} of the table`)
  }
  if (bound.some(each => each.column === column)) {
    problems.push(`the fence ${showName(fence)} is written by the sink; nothing else goes there`)
  }
  if (write === 'insert') problems.push("a fence is for write: 'update'")
  if (condition !== null) problems.push('a fence is a condition: there can be no other')
  if (ttl !== null) problems.push('a fence must stay, so there is no ttl')
  if (notApplied === 'refuse') {
    problems.push("what a fence keeps out was written before: no notApplied: 'refuse'")
  }
  if (deleteWhere !== null || tombstones === 'delete') {
    problems.push("a delete would take the fence away: no deleteWhere, and tombstones: 'ignore'")
  }
  return problems
}

function typeOf(schema: Schema, name: string): DataType | null {
  if (schema.has(name)) return schema.typeOf(name)
  return schema.isOpen ? t.json().nullable() : null
}

function noColumn(schema: Schema, name: string): string {
  return `the frame has no column ${JSON.stringify(name)}.${didYouMean(name, schema.names)}`
}

function noTarget(table: LiveTable, name: string): string {
  const names = table.columns.map(column => column.name)
  return `the table has no column ${showName(name)}.${didYouMean(name, names)}`
}
