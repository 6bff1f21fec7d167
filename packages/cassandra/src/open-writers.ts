/**
 * Opens the tables of a sink: all of them are read and compared before anything is written, and
 * what does not fit is told at once.
 *
 * A column of the frame that one table has not is for another one; that none has is an error.
 */
import type { SinkContext } from '@millrace/core'
import type { Client } from 'cassandra-driver'
import { showTable, type TableName } from './cql-name.ts'
import { type OpenTable, openTable } from './open-table.ts'
import type { TableSettings } from './table-options.ts'
import type { MissingColumn, PlanResult } from './table-plan.ts'
import { type Misfit, misfitError, misfitsError } from './table-problems.ts'
import { TableWriter } from './table-writer.ts'

export interface TableOf {
  readonly name: TableName
  readonly settings: TableSettings
}

/** @throws SCHEMA_MISMATCH, SINK_FAILED */
export async function openWriters(
  client: Client,
  tables: readonly TableOf[],
  context: SinkContext,
): Promise<TableWriter[]> {
  const { clock, warn } = context
  const open = ({ name, settings }: TableOf): Promise<OpenTable> =>
    openTable({ client, name, settings, frame: context, clock, warn })
  const results = await Promise.all(tables.map(open))
  const plans = checked(tables, results)
  return tables.map((table, i) => {
    const { plan, missing } = plans[i] as PlanResult
    const settings = { ...table.settings, create: false, addColumns: false }
    const explain = async (): Promise<void> => {
      // The table may have been changed meanwhile: then it is no record that is bad.
      refuseChange(table.name, await open({ name: table.name, settings }), missing)
    }
    return new TableWriter(client, table.name, table.settings, plan, { clock, warn, explain })
  })
}

/** @throws SCHEMA_MISMATCH; SINK_FAILED where it is only that a table is not there */
function checked(tables: readonly TableOf[], results: readonly OpenTable[]): PlanResult[] {
  const plans = results.filter((result): result is PlanResult => !('absent' in result))
  const everywhere = plans.length === tables.length ? missingInAll(plans) : []
  const misfits = tables.flatMap(({ name }, i): Misfit[] => {
    const result = results[i] as OpenTable
    const problems = 'absent' in result ? [result.absent.text] : result.problems
    return problems.length === 0 ? [] : [{ name, problems }]
  })
  if (misfits.length === 0 && everywhere.length === 0) return plans
  const [absent] = results.flatMap(result => ('absent' in result ? [result.absent] : []))
  if (absent !== undefined && misfits.length === 1) throw absent
  if (tables.length > 1) throw misfitsError(misfits, everywhere.map(textOfAll))
  const problems = [...(misfits[0]?.problems ?? []), ...everywhere.map(({ text }) => text)]
  throw misfitError(`table ${showTable((tables[0] as TableOf).name)}`, problems)
}

function missingInAll(plans: readonly PlanResult[]): readonly MissingColumn[] {
  const [first, ...others] = plans
  return (first?.missing ?? []).filter(({ name }) =>
    others.every(({ missing }) => missing.some(each => each.name === name)),
  )
}

function textOfAll({ name, type }: MissingColumn): string {
  return (
    `no table has a column for column ${JSON.stringify(name)} (${type}) of the frame. Add it to ` +
    `one, or say skip: [${JSON.stringify(name)}] for all`
  )
}

function refuseChange(name: TableName, result: OpenTable, before: readonly MissingColumn[]): void {
  if ('absent' in result) throw result.absent
  const gone = result.missing.filter(({ name: column }) =>
    before.every(each => each.name !== column),
  )
  const problems = [...result.problems, ...gone.map(({ text }) => text)]
  if (problems.length > 0) throw misfitError(`table ${showTable(name)}`, problems)
}
