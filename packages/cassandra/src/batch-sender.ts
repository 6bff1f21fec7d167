/** Sends several rows as one batch: as bytes where the driver lets it be, else value by value. */
import { Client, type QueryOptions } from 'cassandra-driver'
import { prepareHandler, type SendingParts, sendingParts } from './driver-parts.ts'
import type { OutRow } from './out-row.ts'
import { type RowStatement, RowsRequest, rowStatement } from './rows-request.ts'

export type SendBatch = (rows: readonly OutRow[]) => Promise<unknown>

/** @param options of a batch of prepared statements */
export function batchSender(
  client: Client,
  options: QueryOptions,
  parts: SendingParts | null = sendingParts,
): SendBatch {
  if (parts === null || !isPlain(client)) return clearSender(client, options)
  const statements = new Map<string, RowStatement>()
  return async rows => {
    await client.connect()
    const execution = parts.DefaultExecutionOptions.create(options, client)
    const policy = execution.getLoadBalancingPolicy()
    let last = ''
    for (const { query } of rows) {
      if (query === last) continue
      last = query
      const info = await prepareHandler.getPrepared(client, policy, query, client.keyspace)
      if (statements.get(query)?.queryId !== info.queryId) statements.set(query, rowStatement(info))
    }
    const [first] = rows as readonly [OutRow]
    const keyspace = statements.get(first.query)?.meta.keyspace
    if (!execution.getKeyspace() && keyspace !== undefined) execution.setKeyspace(keyspace)
    execution.setRoutingKey(Buffer.from(first.key(), 'latin1'))
    const request = new RowsRequest(parts, rows, statements, execution)
    return parts.RequestHandler.send(request, execution, client)
  }
}

/** Clear version, by the public way. */
function clearSender(client: Client, options: QueryOptions): SendBatch {
  return rows =>
    client.batch(
      rows.map(({ query, params }) => ({ query, params: params as Buffer[] })),
      options,
    )
}

/** Of this very driver, and nobody has put something of his own in the way of batches. */
function isPlain(client: Client): boolean {
  return client instanceof Client && client.batch === Client.prototype.batch
}
