/**
 * A source outside Kafka: the records of the topic `input` as a system that only this process asks.
 * A position is the offset to read next.
 */
import { countPosition } from '../../source/count-position.ts'
import type { Source, SourceChunk } from '../../source/source.ts'
import type { InMemoryBroker } from '../../transport/in-memory/in-memory-broker.ts'
import type { Clock } from '../../util/clock.ts'
import { PARTITIONS, SALE, type SaleRow } from './programs/sale.ts'

/** When it had nothing it is asked again after this. */
const PAUSE_MS = 100

/** @param pass settles when the process that reads may go on. */
export function simulatedSource(
  broker: InMemoryBroker,
  clock: Clock,
  pass: () => Promise<void>,
): Source<SaleRow> {
  return Object.freeze<Source<SaleRow>>({
    name: 'input',
    schema: SALE,
    isBounded: false,
    partitionCount: PARTITIONS,
    open: async (partition, position) => {
      await pass()
      let next = countPosition(position, 'input')
      const read = async (recordsMax: number): Promise<SourceChunk> => {
        await pass()
        const found = broker
          .read('input', partition)
          .filter(({ offset }) => offset >= next)
          .slice(0, recordsMax)
        next = (found.at(-1)?.offset ?? next - 1) + 1
        const records = found.map(({ value }) => ({ value: JSON.parse(String(value)) }))
        const resumeAt = clock.now() + (records.length === 0 ? PAUSE_MS : 0)
        return { records, position: String(next), isEnd: false, resumeAt }
      }
      return { read, close: async () => {} }
    },
  })
}
