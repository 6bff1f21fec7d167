/**
 * Bugs in what is asked of the broker: which offsets are sent and when, what a transaction has in
 * it, where a changelog ends. Each changes a call of the transport on its way, so it stays a bug
 * however the runtime is written.
 */
import { MillraceError } from '../../../errors.ts'
import { readEpochMarker, writeEpochMarker } from '../../../record/format/epoch-marker.ts'
import { MARKER_KEY } from '../../../record/format/state-key.ts'
import type { OutgoingRecords } from '../../../transport/raw-records.ts'
import { RawRecordsBuilder } from '../../../transport/raw-records-builder.ts'
import type { OffsetCommit, Transport } from '../../../transport/transport.ts'
import { ByteWriter } from '../../../util/byte-writer.ts'
import type { PlantedBug } from './planted.ts'
import { wrapTransactions, wrapTransport } from './wrapped.ts'

export const AT_BROKER: readonly PlantedBug[] = [
  {
    name: 'the marker is not written',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      transport: real =>
        wrapTransactions(real, of => ({
          write: records => of.write(endsEpoch(records) ? withoutLast(records) : records),
        })),
    }),
  },
  {
    name: 'the marker is that of another task',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      transport: real =>
        wrapTransactions(real, of => {
          let before: Uint8Array | null = null
          return {
            write: records => {
              if (!endsEpoch(records)) return of.write(records)
              const own = lastValueOf(records)
              const other = before ?? own
              before = own
              return of.write(withProgressOf(records, own, other))
            },
          }
        }),
    }),
  },
  {
    name: 'state is restored to the last stable offset',
    seed: 6,
    story: { program: 'stacked' },
    plant: () => ({
      transport: real =>
        wrapTransport(real, of => ({
          admin: {
            describeTopics: names => of.admin.describeTopics(names),
            createTopic: spec => of.admin.createTopic(spec),
            addPartitions: (topic, count) => of.admin.addPartitions(topic, count),
            offsets: place =>
              isChangelog(place) ? stableOffsets(of, place) : of.admin.offsets(place),
          },
        })),
    }),
  },
  {
    name: 'offsets are sent only when they moved',
    seed: 6,
    story: {
      program: 'stacked',
      guarantee: 'exactly-once',
      silence: 'decided',
      processes: 2,
      accidents: [
        'somebody sleeps in a commit while windows fall due by silence',
        'a sleeper goes on',
      ],
    },
    plant: () => ({
      transport: real => {
        const sent = new Map<string, number>()
        const nameOf = ({ topic, partition }: OffsetCommit): string => `${topic}/${partition}`
        return wrapTransactions(real, of => ({
          commit: async (offsets, member) => {
            const moved = offsets.filter(each => sent.get(nameOf(each)) !== each.offset)
            await of.commit(moved, member)
            for (const each of moved) sent.set(nameOf(each), each.offset)
          },
        }))
      },
    }),
  },
  {
    name: 'offsets are committed beside the transaction',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      transport: real =>
        wrapTransactions(real, of => ({
          commit: async (offsets, member) => {
            await of.commit([], null)
            await member?.commit(offsets)
          },
        })),
    }),
  },
  {
    name: 'a commit that was refused counts as done',
    seed: 1,
    story: { program: 'regrouped' },
    plant: () => ({
      transport: real =>
        wrapTransactions(real, of => ({
          commit: async (offsets, member) => {
            try {
              await of.commit(offsets, member)
            } catch (error) {
              if (!MillraceError.is(error) || error.code !== 'FENCED') throw error
            }
          },
        })),
    }),
  },
  {
    name: 'outputs are flushed after the commit',
    seed: 6,
    story: { program: 'regrouped', guarantee: 'at-least-once' },
    plant: () => ({
      transport: real => {
        let flush: () => Promise<void> = async () => {}
        const unflushed = wrapTransport(real, of => ({
          createProducer: async () => {
            const plain = await of.createProducer()
            flush = () => plain.flush()
            const close = () => plain.close()
            return { write: records => plain.write(records), flush: async () => {}, close }
          },
        }))
        return wrapTransactions(unflushed, of => ({
          commit: async (offsets, member) => {
            await of.commit(offsets, member)
            await flush()
          },
        }))
      },
    }),
  },
]

function isChangelog({ topic }: { readonly topic: string }): boolean {
  return topic.endsWith('.changelog')
}

/** The last record is a marker; deletions of large buckets are written without one. */
function endsEpoch(records: OutgoingRecords): boolean {
  const last = records.count - 1
  const start = records.keyStart[last] as number
  const key = records.data.subarray(start, start + (records.keySize[last] as number))
  return isChangelog(records) && Buffer.compare(key, MARKER_KEY) === 0
}

async function stableOffsets(
  transport: Transport,
  place: { readonly topic: string; readonly partition: number },
): Promise<{ readonly earliest: number; readonly latest: number }> {
  const { earliest } = await transport.admin.offsets(place)
  const fetcher = await transport.createFetcher({ bufferBytesMax: 1e9, batchRecordsMax: 1e9 })
  fetcher.add(place, earliest)
  while ((await fetcher.poll(0)) !== null);
  const latest = fetcher.progress(place)?.lastStableOffset ?? earliest
  await fetcher.close()
  return { earliest, latest }
}

/** A copy: who writes uses its arrays again. */
function lastValueOf(records: OutgoingRecords): Uint8Array {
  const index = records.count - 1
  const start = records.valueStart[index] as number
  return Uint8Array.from(records.data.subarray(start, start + (records.valueSize[index] as number)))
}

function withoutLast(records: OutgoingRecords): OutgoingRecords {
  return { ...records, count: records.count - 1 }
}

/** The marker, which is the last record, says how far another task is. */
function withProgressOf(
  records: OutgoingRecords,
  own: Uint8Array,
  other: Uint8Array,
): OutgoingRecords {
  const marker = readEpochMarker(own)
  const from = readEpochMarker(other)
  const [position] = from.inputs.flatMap(input => input.partitions)
  const inputs = marker.inputs.map(input => ({
    ...input,
    partitions: input.partitions.map(place => ({
      ...place,
      ...position,
      partition: place.partition,
    })),
  }))
  const out = new ByteWriter()
  writeEpochMarker({ ...marker, inputs }, out)
  const builder = new RawRecordsBuilder()
  const last = records.count - 1
  for (let i = 0; i < last; i++) builder.copyRecord(records, i)
  const key = records.data.subarray(records.keyStart[last] as number)
  const keySize = records.keySize[last] as number
  builder.append(key.subarray(0, keySize), out.take(), records.timestamps[last] as number)
  return { ...builder.build(), topic: records.topic, partitions: records.partitions }
}
