/** What the tests against Cassandra share: a client, and a keyspace of each test file's own. */
import { Client } from 'cassandra-driver'
import { afterAll, beforeAll, inject } from 'vitest'

const clients: Client[] = []

export async function connect(options: object = {}): Promise<Client> {
  const client = new Client({ ...inject('cassandra'), ...options })
  clients.push(client)
  await client.connect()
  return client
}

export async function disconnectAll(): Promise<void> {
  for (const client of clients.splice(0)) await client.shutdown()
}

/** Of one test file: there before its first test. */
export interface Session {
  readonly client: Client
  readonly ks: string
  newTable(columns: string): Promise<string>
}

/** @param prepare what the tests of the file find there */
export function testSession(
  prepare: (session: Session) => Promise<void> = async () => {},
): Session {
  let tables = 0
  const session = {
    client: undefined as unknown as Client,
    ks: '',
    newTable: async (columns: string) => {
      const name = `${session.ks}.t${++tables}`
      await session.client.execute(`CREATE TABLE ${name} (${columns})`)
      return name
    },
  }
  beforeAll(async () => {
    session.client = await connect()
    session.ks = await newKeyspace(session.client)
    await prepare(session)
  })
  afterAll(disconnectAll)
  return session
}

let count = 0

/** A keyspace that nobody else has. */
export async function newKeyspace(client: Client): Promise<string> {
  const name = `test_${process.pid}_${++count}`
  await client.execute(
    `CREATE KEYSPACE ${name} WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}`,
  )
  return name
}

export async function rowsOf(client: Client, query: string): Promise<Record<string, unknown>[]> {
  const { rows } = await client.execute(query)
  return rows.map(row => ({ ...row }))
}
