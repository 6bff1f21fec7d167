/** Which nodes keep a partition, as far as the driver knows. */
import type { Client } from 'cassandra-driver'

/** Where there is one node it keeps everything. */
const ALONE = 'alone'

/** By the partition key as a server hashes it, as latin1; null = it is not known. */
export function nodesReader(client: Client, keyspace: string): (key: string) => string | null {
  const names = new WeakMap<object, string>()
  return key => {
    if (client.hosts.length === 1) return ALONE
    const nodes = client.getReplicas(keyspace, Buffer.from(key, 'latin1'))
    if (!Array.isArray(nodes) || nodes.length === 0) return null
    // The driver keeps one list for each range of tokens.
    let name = names.get(nodes)
    if (name === undefined) {
      name = nodes
        .map(({ address }) => address)
        .sort()
        .join(' ')
      names.set(nodes, name)
    }
    return name
  }
}
