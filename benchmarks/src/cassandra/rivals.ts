/**
 * What a user would write by hand with the same driver: unlogged batches by partition key, and
 * `executeConcurrent`, both tuned on the machine of the figures; and plain `execute`, 100 at once.
 */
import driver, { type Client } from 'cassandra-driver'
import type { Purchase } from './purchase.ts'

const CONSISTENCY = driver.types.consistencies.localQuorum

const insertInto = (table: string): string =>
  `INSERT INTO ${table} (user, at, amount, note) VALUES (?, ?, ?, ?) USING TIMESTAMP ?`

const values = ({ user, at, amount, note }: Purchase): unknown[] => [
  user,
  at,
  amount,
  note,
  at * 1_000,
]

/** Groups what came by partition key, and has so many batches on their way. */
export async function unloggedBatches(
  client: Client,
  table: string,
  rows: readonly Purchase[],
  { chunk = 5_000, concurrency = 64 }: { chunk?: number; concurrency?: number } = {},
): Promise<void> {
  const query = insertInto(table)
  const options = { prepare: true, logged: false, consistency: CONSISTENCY, isIdempotent: true }
  const groups = batchesOf(rows, chunk, query)
  const worker = async (): Promise<void> => {
    for (const batch of groups) await client.batch(batch, options)
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
}

function* batchesOf(rows: readonly Purchase[], chunk: number, query: string) {
  for (let start = 0; start < rows.length; start += chunk) {
    const byUser = new Map<string, { query: string; params: unknown[] }[]>()
    for (const row of rows.slice(start, start + chunk)) {
      const group = byUser.get(row.user)
      const item = { query, params: values(row) }
      if (group === undefined) byUser.set(row.user, [item])
      else group.push(item)
    }
    yield* byUser.values()
  }
}

export async function concurrent(
  client: Client,
  table: string,
  rows: readonly Purchase[],
): Promise<void> {
  const options = { executionProfile: 'bench', concurrencyLevel: 1_024 }
  await driver.concurrent.executeConcurrent(client, insertInto(table), rows.map(values), options)
}

export async function plainExecute(
  client: Client,
  table: string,
  rows: readonly Purchase[],
): Promise<void> {
  const query = insertInto(table)
  const waiting = rows.values()
  const worker = async (): Promise<void> => {
    for (const row of waiting) {
      await client.execute(query, values(row), { prepare: true, consistency: CONSISTENCY })
    }
  }
  await Promise.all(Array.from({ length: 100 }, worker))
}
