/**
 * What happens before the first record: the table is read, created or extended where the user asked
 * for it, and compared with the frame.
 *
 * A server that does not answer is waited for as long as for a write. What is wrong with the table
 * is told at once and in whole.
 */
import { type Clock, MillraceError, type Schema, type SinkKey } from '@millrace/core'
import type { Client } from 'cassandra-driver'
import { showTable, type TableName } from './cql-name.ts'
import { addColumnsCql, createKeyspaceCql, createTableCql } from './create-table.ts'
import { failureText } from './failure-kind.ts'
import { type LiveTable, readTable, whatThereIs } from './live-table.ts'
import { Retries } from './retries.ts'
import type { TableSettings } from './table-options.ts'
import { type PlanResult, planTable, type TablePlan } from './table-plan.ts'
import { misfitError, missingError } from './table-problems.ts'

export interface OpenTableParts {
  readonly client: Client
  readonly name: TableName
  readonly settings: TableSettings
  readonly schema: Schema
  readonly key: SinkKey | null
  readonly clock: Clock
  readonly warn: (text: string) => void
}

/** @throws SCHEMA_MISMATCH, SINK_FAILED */
export async function openTable(parts: OpenTableParts): Promise<TablePlan> {
  const { clock, settings, warn, name } = parts
  const failed = (error: unknown): MillraceError => {
    const text = `table ${showTable(name)} cannot be opened: ${failureText(error)}.`
    return new MillraceError('SINK_FAILED', text, { cause: error })
  }
  const retries = new Retries({ clock, warn, failed, retryForMs: settings.retryForMs })
  return retries.until(() => openNow(parts))
}

async function openNow(parts: OpenTableParts): Promise<TablePlan> {
  const { name, settings } = parts
  const table = (await readTable(parts.client, name)) ?? (await createdTable(parts))
  const first = planned(parts, table)
  const cql = settings.addColumns ? addColumnsCql(name, first.missing) : []
  if (cql === null || cql.length === 0) return checked(name, first)
  for (const each of cql) await parts.client.execute(each)
  const extended = await readTable(parts.client, name)
  return checked(name, extended === null ? first : planned(parts, extended))
}

function planned({ schema, settings, key }: OpenTableParts, table: LiveTable): PlanResult {
  return planTable(table, schema, settings, key)
}

function checked(name: TableName, { plan, problems }: PlanResult): TablePlan {
  if (problems.length > 0) throw misfitError(name, problems)
  return plan
}

async function createdTable({
  client,
  name,
  schema,
  settings,
}: OpenTableParts): Promise<LiveTable> {
  const there = await whatThereIs(client, name)
  const made = createTableCql(name, schema, settings)
  const replication = settings.replication ?? { class: 'NetworkTopologyStrategy', datacenter1: 3 }
  const hasKeyspace = there.keyspaces.includes(name.keyspace)
  const mayCreate = settings.create && (hasKeyspace || settings.replication !== null)
  if ('problem' in made) throw missingError(name, there, made.problem)
  const cql = [...(hasKeyspace ? [] : [createKeyspaceCql(name, replication)]), made.cql]
  if (!mayCreate) throw missingError(name, there, cql)
  for (const each of cql) await client.execute(each)
  const table = await readTable(client, name)
  if (table !== null) return table
  throw new MillraceError('SINK_FAILED', `table ${showTable(name)} was created and is not there.`)
}
