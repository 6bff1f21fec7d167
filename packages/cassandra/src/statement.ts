/**
 * The CQL of a table's writes. Every name is quoted and every value is bound: nothing of the data,
 * and nothing that a user wrote, becomes part of the text as it is.
 */
import { quoteName, type TableName } from './cql-name.ts'
import type { TableSettings } from './table-options.ts'
import type { BoundColumn, TablePlan } from './table-plan.ts'

/** What a marker of a statement is bound to, in the order of the markers. */
export type Parameter =
  | { readonly kind: 'column'; readonly bound: BoundColumn }
  | { readonly kind: 'time' }
  | { readonly kind: 'ttl' }
  | { readonly kind: 'input' }
  | { readonly kind: 'place' }

export interface Statement {
  readonly cql: string
  readonly parameters: readonly Parameter[]
}

const TIME: Parameter = { kind: 'time' }
const TTL: Parameter = { kind: 'ttl' }
/** Of a fence: which partition a record is of, and its place there. */
const INPUT: Parameter = { kind: 'input' }
const PLACE: Parameter = { kind: 'place' }

/** Writes a row. */
export function writeStatement(
  name: TableName,
  plan: TablePlan,
  settings: TableSettings,
): Statement {
  return settings.write === 'update' || plan.isCounter
    ? updateStatement(name, plan, settings)
    : insertStatement(name, plan, settings)
}

function insertStatement(name: TableName, plan: TablePlan, settings: TableSettings): Statement {
  const { bound } = plan
  const columns = bound.map(({ column }) => quoteName(column)).join(', ')
  const markers = bound.map(() => '?').join(', ')
  const { text, parameters } = usingOf(plan, settings, true)
  const condition = conditionOf(settings)
  return {
    cql: `INSERT INTO ${tableText(name)} (${columns}) VALUES (${markers})${condition}${text}`,
    parameters: [...bound.map(column), ...parameters],
  }
}

function updateStatement(name: TableName, plan: TablePlan, settings: TableSettings): Statement {
  const { text, parameters } = usingOf(plan, settings, true)
  const set = plan.bound.filter(({ isKey }) => !isKey)
  const changes = set.map(changeText).join(', ')
  const update = `UPDATE ${tableText(name)}${text} SET ${changes}`
  const bound = [...parameters, ...set.map(column)]
  const where = ` WHERE ${whereText(plan)}`
  if (plan.fence === null) {
    const cql = `${update}${where}${conditionOf(settings)}`
    return { cql, parameters: [...bound, ...plan.key.map(column)] }
  }
  const place = `${quoteName(plan.fence)}[?]`
  return {
    cql: `${update}, ${place} = ?${where} IF ${place} < ?`,
    parameters: [...bound, INPUT, PLACE, ...plan.key.map(column), INPUT, PLACE],
  }
}

/**
 * Of a row that no record of this partition has changed: there is nothing that could be less. Takes
 * all but the last value of the statement.
 */
export function firstOf({ cql }: Statement): string {
  return cql.replace(/ < \?$/, ' = null')
}

/** Deletes the row of a primary key. */
export function deleteStatement(
  name: TableName,
  plan: TablePlan,
  settings: TableSettings,
): Statement {
  const { text, parameters } = usingOf(plan, settings, false)
  return {
    cql: `DELETE FROM ${tableText(name)}${text} WHERE ${whereText(plan)}`,
    parameters: [...parameters, ...plan.key.map(column)],
  }
}

export function tableText({ keyspace, table }: TableName): string {
  return `${quoteName(keyspace)}.${quoteName(table)}`
}

function changeText({ column: name, field, op }: BoundColumn): string {
  const quoted = quoteName(name)
  if (field !== null) return `${quoted}.${quoteName(field)} = ?`
  switch (op) {
    case 'set':
      return `${quoted} = ?`
    case 'prepend':
      return `${quoted} = ? + ${quoted}`
    case 'remove':
      return `${quoted} = ${quoted} - ?`
    default:
      return `${quoted} = ${quoted} + ?`
  }
}

function whereText({ key }: TablePlan): string {
  return key.map(({ column: name }) => `${quoteName(name)} = ?`).join(' AND ')
}

/** Counters and conditions take no time of ours; deletes no TTL. */
function usingOf(
  plan: TablePlan,
  settings: TableSettings,
  isWrite: boolean,
): { readonly text: string; readonly parameters: readonly Parameter[] } {
  const hasTime = isTimed(plan, settings)
  const hasTtl = isWrite && settings.ttl !== null
  const parts = [...(hasTime ? ['TIMESTAMP ?'] : []), ...(hasTtl ? ['TTL ?'] : [])]
  return {
    text: parts.length === 0 ? '' : ` USING ${parts.join(' AND ')}`,
    parameters: [...(hasTime ? [TIME] : []), ...(hasTtl ? [TTL] : [])],
  }
}

/** Rows carry write times of ours. */
export function isTimed(plan: TablePlan, settings: TableSettings): boolean {
  return !plan.isCounter && !isConditional(settings) && settings.writeTime !== 'client'
}

/** A lightweight transaction for each row. */
export function isConditional({ condition, fence }: TableSettings): boolean {
  return condition !== null || fence !== null
}

function conditionOf({ condition, write }: TableSettings): string {
  if (condition === null) return ''
  if (condition === 'not exists') return ' IF NOT EXISTS'
  return write === 'update' ? ' IF EXISTS' : ''
}

function column(bound: BoundColumn): Parameter {
  return { kind: 'column', bound }
}
