/**
 * The hash by which Kafka's Java producer chooses a partition.
 *
 * Kafka: `org.apache.kafka.common.utils.Utils.murmur2` and `toPositive(hash) % partitions` of
 * `BuiltInPartitioner`. Equal keys must land on equal partitions whoever wrote them, so this is a
 * contract.
 */
const SEED = 0x9747b28c
const M = 0x5bd1e995

export function murmur2(data: Uint8Array, start = 0, length: number = data.length): number {
  let hash = SEED ^ length
  const end = start + length
  let at = start
  for (; at + 4 <= end; at += 4) {
    let k =
      (data[at] as number) |
      ((data[at + 1] as number) << 8) |
      ((data[at + 2] as number) << 16) |
      ((data[at + 3] as number) << 24)
    k = Math.imul(k, M)
    k ^= k >>> 24
    k = Math.imul(k, M)
    hash = Math.imul(hash, M) ^ k
  }
  const rest = end - at
  if (rest >= 3) hash ^= (data[at + 2] as number) << 16
  if (rest >= 2) hash ^= (data[at + 1] as number) << 8
  if (rest >= 1) {
    hash ^= data[at] as number
    hash = Math.imul(hash, M)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, M)
  return hash ^ (hash >>> 15)
}

/** The partition of a key among `partitionCount`, as Java's default partitioner chooses it. */
export function partitionOfKey(
  data: Uint8Array,
  start: number,
  length: number,
  partitionCount: number,
): number {
  return (murmur2(data, start, length) & 0x7fffffff) % partitionCount
}
