/**
 * Bugs in how local state follows the changelog: written too early, in two parts, or trusted when
 * it is too old. Each changes a call of the state backend on its way.
 */
import { readLocalPosition } from '../../../record/format/local-position.ts'
import { LOCAL_POSITION_KEY } from '../../../record/format/state-key.ts'
import type { TopicPartition } from '../../../record/topic-partition.ts'
import { positionEntry } from '../../../runtime/restore.ts'
import type { Cells } from '../../../state/cells.ts'
import { EntryTable } from '../../../state/entry-table.ts'
import { SlotStore } from '../../../state/slot-store.ts'
import { Slots } from '../../../state/slots.ts'
import type { StateEntry, StateSpace } from '../../../state/state-backend.ts'
import { StateMemory } from '../../../state/state-memory.ts'
import type { OutgoingRecords } from '../../../transport/raw-records.ts'
import type { TransactionalProducer, Transport } from '../../../transport/transport.ts'
import type { Planted, PlantedBug } from './planted.ts'
import { replaceMethod, wrapSpaces, wrapTransactions } from './wrapped.ts'

export const AT_STATE: readonly PlantedBug[] = [
  {
    name: 'local state is written before the commit',
    seed: 1,
    story: { program: 'keyed', state: 'disk' },
    plant: () => {
      // Of the process under way: its transport is made before its state, and used after.
      let spaces = new Map<string, StateSpace>()
      return {
        transport: real => {
          const own = new Map<string, StateSpace>()
          spaces = own
          return wrapTransactions(real, (of, transport) => keptBefore(of, transport, own))
        },
        state: real => {
          const own = spaces
          return wrapSpaces(real, (of, name) => {
            own.set(name, of)
            return {}
          })
        },
      }
    },
  },
  {
    name: 'the position of local state is written before its entries',
    seed: 4,
    story: { program: 'keyed', state: 'disk', stateBytesMax: 300 },
    plant: positionFirst,
  },
  {
    name: 'the position of local state is written before what has waited in memory',
    seed: 4,
    story: { program: 'keyed', state: 'disk', stateBytesMax: 1_000_000 },
    plant: positionFirst,
  },
  {
    name: 'a deletion that waits in memory is not written down',
    seed: 7,
    story: { program: 'keyed', state: 'disk', stateBytesMax: 1_000_000 },
    plant: () => ({
      remove: replaceMethod(
        EntryTable.prototype,
        'put',
        put =>
          function (this: EntryTable, entry) {
            if (entry.value !== null) put.call(this, entry)
            else if (this.find(entry) >= 0) this.remove(this.find(entry))
          },
      ),
    }),
  },
  {
    name: 'a dirty entry is evicted',
    seed: 1,
    story: { program: 'regrouped', stateBytesMax: 300 },
    plant: () => {
      const held = replaceMethod(StateMemory.prototype, 'hold', () => () => {})
      const evict = replaceMethod(
        Slots.prototype,
        'evict',
        real =>
          function (this: Slots, bytes) {
            this.seal()
            this.kept()
            real.call(this, bytes)
          },
      )
      return {
        remove: () => {
          held()
          evict()
        },
      }
    },
  },
  {
    name: 'a sealed entry is let go before local state has it',
    seed: 1,
    story: { program: 'regrouped', stateBytesMax: 300 },
    plant: () => ({
      remove: replaceMethod(
        SlotStore.prototype,
        'seal',
        seal =>
          function (this: SlotStore<Cells>) {
            const sealed = seal.call(this)
            this.kept()
            return sealed
          },
      ),
    }),
  },
  {
    name: 'local state is trusted however old it is',
    seed: 1,
    story: {
      program: 'regrouped',
      state: 'disk',
      processes: 2,
      accidents: ['nothing runs for a night', 'somebody is killed'],
    },
    plant: () => ({
      state: real =>
        wrapSpaces(real, of => ({
          getMany: async keys => {
            const found = await of.getMany(keys)
            return found.map((value, i) => {
              const isAge = value !== null && isPosition({ key: keys[i] as Uint8Array })
              return isAge ? madeYoung(value) : value
            })
          },
        })),
    }),
  },
]

function positionFirst(): Planted {
  return {
    state: real =>
      wrapSpaces(real, of => ({
        write: async entries => {
          await of.write(entries.filter(isPosition))
          await of.write(entries.filter(entry => !isPosition(entry)))
        },
      })),
  }
}

const NEVER_OLD = Number.MAX_SAFE_INTEGER

function isPosition({ key }: Pick<StateEntry, 'key'>): boolean {
  return Buffer.compare(key, LOCAL_POSITION_KEY) === 0
}

function madeYoung(position: Uint8Array): Uint8Array {
  const { offset, topicId } = readLocalPosition(position)
  return positionEntry({ offset, at: NEVER_OLD }, topicId).value as Uint8Array
}

interface Written {
  readonly place: TopicPartition
  readonly entries: readonly StateEntry[]
}

/** What goes to the changelogs is written to local state too, right before the commit. */
function keptBefore(
  of: TransactionalProducer,
  transport: Transport,
  spaces: ReadonlyMap<string, StateSpace>,
): Partial<TransactionalProducer> {
  const written: Written[] = []
  return {
    write: records => {
      if (records.topic.endsWith('.changelog')) written.push(copyOf(records))
      return of.write(records)
    },
    commit: async (offsets, member) => {
      for (const each of written.splice(0)) await keep(each, transport, spaces)
      await of.commit(offsets, member)
    },
    abort: () => {
      written.splice(0)
      return of.abort()
    },
  }
}

async function keep(
  { place, entries }: Written,
  transport: Transport,
  spaces: ReadonlyMap<string, StateSpace>,
): Promise<void> {
  const { topic, partition } = place
  const { latest } = await transport.admin.offsets(place)
  const topicId = (await transport.admin.describeTopics([topic])).get(topic)?.id as string
  const position = positionEntry({ offset: latest, at: NEVER_OLD }, topicId)
  await spaces.get(`${topic}/${partition}`)?.write([...entries, position])
}

/** Who writes uses its arrays again. */
function copyOf({ topic, partitions, ...records }: OutgoingRecords): Written {
  const { data, keyStart, keySize, valueStart, valueSize } = records
  const bytes = (starts: Int32Array, sizes: Int32Array, i: number): Uint8Array => {
    const start = starts[i] as number
    return Uint8Array.from(data.subarray(start, start + (sizes[i] as number)))
  }
  const entries = Array.from({ length: records.count }, (_, i) => ({
    key: bytes(keyStart, keySize, i),
    value: (valueSize[i] as number) < 0 ? null : bytes(valueStart, valueSize, i),
  }))
  return { place: { topic, partition: partitions?.[0] as number }, entries }
}
