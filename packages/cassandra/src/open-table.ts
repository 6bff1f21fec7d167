/**
 * What happens before the first record: the table is read, created or extended where the user asked
 * for it, and compared with the frame.
 *
 * A server that does not answer is waited for as long as for a write. What is wrong with the table
 * is told at once and in whole.
 */
import { type Clock, MillraceError } from '@millrace/core'
import type { Client } from 'cassandra-driver'
import { showTable, type TableName } from './cql-name.ts'
import { addColumnsCql, createKeyspaceCql, createTableCql } from './create-table.ts'
import { failureText } from './failure-kind.ts'
import { type LiveTable, readTable, whatThereIs } from './live-table.ts'
import { Retries } from './retries.ts'
import type { TableSettings } from './table-options.ts'
import { type Frame, type PlanResult, planTable } from './table-plan.ts'
import { missingError } from './table-problems.ts'

export interface OpenTableParts {
  readonly client: Client
  readonly name: TableName
  readonly settings: TableSettings
  readonly frame: Frame
  readonly clock: Clock
  readonly warn: (text: string) => void
}

/** A table as it was found; with `absent` there is none, and nothing to plan with. */
export type OpenTable = PlanResult | { readonly absent: MillraceError }

/** @throws SINK_FAILED when the server does not answer */
export async function openTable(parts: OpenTableParts): Promise<OpenTable> {
  const { clock, settings, warn, name } = parts
  const failed = (error: unknown): MillraceError => {
    const text = `table ${showTable(name)} cannot be opened: ${failureText(error)}.`
    return new MillraceError('SINK_FAILED', text, { cause: error })
  }
  const retries = new Retries({ clock, warn, failed, retryForMs: settings.retryForMs })
  return retries.until(() => openNow(parts))
}

async function openNow(parts: OpenTableParts): Promise<OpenTable> {
  const { name, settings, frame } = parts
  const table = (await readTable(parts.client, name)) ?? (await createdTable(parts))
  if (MillraceError.is(table)) return { absent: table }
  const first = planTable(table, settings, frame)
  const cql = settings.addColumns ? addColumnsCql(name, first.missing) : []
  if (cql === null || cql.length === 0) return first
  for (const each of cql) await parts.client.execute(each)
  const extended = await readTable(parts.client, name)
  return extended === null ? first : planTable(extended, settings, frame)
}

/** The table; or why there is none. */
async function createdTable({
  client,
  name,
  frame,
  settings,
}: OpenTableParts): Promise<LiveTable | MillraceError> {
  const there = await whatThereIs(client, name)
  const made = createTableCql(name, frame, settings)
  const replication = settings.replication ?? { class: 'NetworkTopologyStrategy', datacenter1: 3 }
  const hasKeyspace = there.keyspaces.includes(name.keyspace)
  const mayCreate = settings.create && (hasKeyspace || settings.replication !== null)
  if ('problem' in made) return missingError(name, there, made.problem)
  const cql = [...(hasKeyspace ? [] : [createKeyspaceCql(name, replication)]), made.cql]
  if (!mayCreate) return missingError(name, there, cql)
  for (const each of cql) await client.execute(each)
  const table = await readTable(client, name)
  if (table !== null) return table
  throw new MillraceError('SINK_FAILED', `table ${showTable(name)} was created and is not there.`)
}
