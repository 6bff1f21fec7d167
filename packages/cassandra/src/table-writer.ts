/**
 * A table that is open for writing, shared by the tasks of a process: its plan, its statements, and
 * one dispatcher, so that bounds of requests and bytes hold for all tasks together.
 */
import type { Batch, Clock, MillraceError, SinkContext } from '@millrace/core'
import type { Client, QueryOptions } from 'cassandra-driver'
import { batchSender } from './batch-sender.ts'
import type { TableName } from './cql-name.ts'
import { Dispatcher } from './dispatcher.ts'
import { fencedSender } from './fence.ts'
import type { OutRow, RowOwner } from './out-row.ts'
import { nodesReader } from './partition-nodes.ts'
import type { RowMaker, RowTarget } from './row-target.ts'
import { Slab } from './slab.ts'
import {
  deleteStatement,
  isConditional,
  isTimed,
  type Statement,
  writeStatement,
} from './statement.ts'
import type { TableSettings } from './table-options.ts'
import type { TablePlan } from './table-plan.ts'
import { tableRows } from './table-rows.ts'

/** The most that a request can count is 65,535. */
const BATCH_ROWS_MAX = 1_000

export class TableWriter implements RowTarget {
  readonly plan: TablePlan
  readonly write: Statement
  readonly remove: Statement
  readonly dispatcher: Dispatcher
  readonly settings: TableSettings
  readonly slab: Slab = new Slab()

  constructor(
    client: Client,
    name: TableName,
    settings: TableSettings,
    plan: TablePlan,
    context: TableContext,
  ) {
    this.plan = plan
    this.settings = settings
    this.write = writeStatement(name, plan, settings)
    this.remove = deleteStatement(name, plan, settings)
    const isOrdered = !isTimed(plan, settings) || isAppending(plan)
    this.dispatcher = new Dispatcher({
      send:
        plan.fence === null
          ? sender(client, settings, plan)
          : fencedSender(client, settings.consistency, { column: plan.fence, write: this.write }),
      explain: context.explain,
      warn: context.warn,
      clock: context.clock,
      concurrency: settings.concurrency,
      rateMax: settings.rateMax,
      batchBytesMax: settings.batchBytesMax,
      batchRowsMax: isConditional(settings) ? 1 : BATCH_ROWS_MAX,
      bufferBytesMax: settings.bufferBytesMax,
      retryForMs: settings.retryForMs,
      isOrdered,
      nodesOf: isOrdered || hasManyCells(plan) ? () => null : nodesReader(client, name.keyspace),
    })
  }

  get failure(): MillraceError | null {
    return this.dispatcher.failure
  }

  get writeTimeAheadMs(): number {
    return this.settings.writeTimeAheadMs
  }

  get refusesNotApplied(): boolean {
    return this.settings.notApplied === 'refuse'
  }

  rowMaker(batch: Batch, owner: RowOwner, context: Pick<SinkContext, 'key'>): RowMaker {
    return tableRows(batch, this, owner, context)
  }
}

export interface TableContext {
  readonly clock: Clock
  readonly warn: (text: string) => void
  readonly explain: () => Promise<void>
}

/** Lists grow again each time a row is sent, and counters count. */
function isAppending({ bound, isCounter }: TablePlan): boolean {
  return isCounter || bound.some(({ op, type }) => op !== 'set' && type.kind === 'list')
}

/** Some value may be many cells: how much a server makes of it cannot be told from its bytes. */
function hasManyCells({ bound }: TablePlan): boolean {
  return bound.some(({ type }) => 'isFrozen' in type && !type.isFrozen)
}

function sender(
  client: Client,
  { consistency, condition }: TableSettings,
  plan: TablePlan,
): (rows: readonly OutRow[]) => Promise<boolean> {
  // Sent again by us, where it may be; the driver would do so on its own for what is marked.
  const isIdempotent = condition === null && !isAppending(plan)
  const one: QueryOptions = { prepare: true, consistency, isIdempotent }
  const many: QueryOptions = { ...one, logged: false, counter: plan.isCounter }
  const sendBatch = batchSender(client, many)
  return async rows => {
    if (rows.length > 1) {
      await sendBatch(rows)
      return true
    }
    const [{ query, params }] = rows as readonly [OutRow]
    const result = await client.execute(query, params as Buffer[], one)
    return condition === null || result.wasApplied()
  }
}
