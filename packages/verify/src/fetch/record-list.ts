/**
 * What was read of one partition, in a form that is compared: a digest for each record. Header
 * values that are null count as empty: the binding of librdkafka gives both alike.
 */
import { createHash } from 'node:crypto'
import { decodeHeaders, type RawBatch } from '@millrace/core'

export interface RecordList {
  /** `offset time digest`. */
  readonly records: readonly string[]
  /** Where reading stands at the end. */
  readonly position: number
}

/** Of the records before an offset. */
export function digestsOf(raw: RawBatch, end: number): string[] {
  const { data, keyStart, keySize, valueStart, valueSize } = raw
  const count = raw.offsets.subarray(0, raw.count).filter(offset => offset < end).length
  return Array.from({ length: count }, (_, row) => {
    const hash = createHash('sha1')
    for (const [start, size] of [
      [keyStart[row], keySize[row]],
      [valueStart[row], valueSize[row]],
    ] as [number, number][]) {
      hash.update(`${size} `)
      if (size > 0) hash.update(data.subarray(start, start + size))
    }
    for (const { name, value } of decodeHeaders(raw, row)) {
      hash.update(JSON.stringify([name, Buffer.from(value ?? []).toString('latin1')]))
    }
    return `${raw.offsets[row]} ${raw.timestamps[row]} ${hash.digest('base64').slice(0, 16)}`
  })
}

/** How two readings of a partition differ, a line each; none: they are the same. */
export function differences(place: string, ours: RecordList, theirs: RecordList): string[] {
  const lines: string[] = []
  const length = Math.max(ours.records.length, theirs.records.length)
  for (let i = 0; i < length; i++) {
    const [our = 'nothing', their = 'nothing'] = [ours.records[i], theirs.records[i]]
    if (our !== their) lines.push(`${place}: record ${i}: ${our}; librdkafka has ${their}`)
  }
  if (ours.position !== theirs.position) {
    lines.push(`${place}: ended at ${ours.position}; librdkafka ended at ${theirs.position}`)
  }
  return lines
}
