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

export interface Statement {
  readonly cql: string
  readonly parameters: readonly Parameter[]
}

const TIME: Parameter = { kind: 'time' }
const TTL: Parameter = { kind: 'ttl' }

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
  return {
    cql:
      `UPDATE ${tableText(name)}${text} SET ${changes} WHERE ${whereText(plan)}` +
      conditionOf(settings),
    parameters: [...parameters, ...set.map(column), ...plan.key.map(column)],
  }
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
  return !plan.isCounter && settings.condition === null && settings.writeTime !== 'client'
}

function conditionOf({ condition, write }: TableSettings): string {
  if (condition === null) return ''
  if (condition === 'not exists') return ' IF NOT EXISTS'
  return write === 'update' ? ' IF EXISTS' : ''
}

function column(bound: BoundColumn): Parameter {
  return { kind: 'column', bound }
}
