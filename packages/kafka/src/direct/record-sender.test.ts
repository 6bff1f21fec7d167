import { type OutgoingRecords, RawRecordsBuilder } from '@millrace/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { DirectProducer } from './direct-producer.ts'
import { type BatchIdentity, OutgoingPartition } from './outgoing-partition.ts'
import * as fates from './produce-errors.ts'
import { RecordSender, type SenderOptions } from './record-sender.ts'
import { type Landed, Luck, SimulatedBrokers } from './simulated-brokers.ts'
import { Unacknowledged } from './unacknowledged.ts'

vi.mock('./produce-errors.ts', { spy: true })

beforeEach(() => {
  vi.useFakeTimers({
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'setImmediate',
      'clearImmediate',
      'performance',
    ],
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const SETTLED_MS = 120_000

/** What a promise comes to; undefined: nothing, within the time that is moved on for it. */
async function outcome<T>(
  promise: Promise<T>,
): Promise<{ value?: T; error?: unknown } | undefined> {
  let settled: { value?: T; error?: unknown } | undefined
  promise.then(
    value => {
      settled = { value }
    },
    error => {
      settled = { error }
    },
  )
  const end = performance.now() + SETTLED_MS
  for (let ms = 5; settled === undefined && performance.now() < end; ms = Math.min(ms * 2, 500)) {
    await vi.advanceTimersByTimeAsync(ms)
  }
  return settled
}

interface Written {
  readonly id: number
  /** `topic/partition`. */
  readonly place: string
  readonly epoch: number
}

const IDENTITY: BatchIdentity = { producerId: 7n, epoch: 0, transactionalId: null }

/** A producer among accidents; what it did is compared with the logs of the brokers. */
class Story {
  readonly luck: Luck
  readonly brokers: SimulatedBrokers
  readonly wrong: string[] = []
  readonly written: Written[] = []
  /** Of flushes that said so. */
  readonly failed: Written[] = []
  static keepsEpoch = false
  readonly #options: SenderOptions
  readonly #topics: { readonly name: string; readonly partitionCount: number }[] = []
  readonly producer: DirectProducer
  epoch = 0
  #nextId = 0

  constructor(seed: number) {
    this.luck = new Luck(seed)
    const share = this.luck.of([0, 0.02, 0.06, 0.15])
    this.brokers = new SimulatedBrokers(this.luck, {
      share,
      untilMs: performance.now() + this.luck.below(4_000),
    })
    const topicCount = 1 + this.luck.below(3)
    for (let i = 0; i < topicCount; i++) {
      const partitionCount = 1 + this.luck.below(4)
      const sinceMs = performance.now() + this.luck.of([0, 0, this.luck.below(3_000)])
      this.brokers.addTopic(`t${i}`, partitionCount, sinceMs)
      this.#topics.push({ name: `t${i}`, partitionCount })
    }
    this.#options = {
      codec: this.luck.of([0, 0, 3]),
      recordBytesMax: 5_000,
      bytesMax: this.luck.of([100, 300, 5_000]),
      bufferBytesMax: this.luck.of([500, 20_000, 1_000_000]),
      lingerMs: this.luck.of([0, 0, 5, 400]),
      deliveryMs: this.luck.of([300, 60_000, 60_000]),
      requestMs: 1_000,
    }
    const connect = (identity: BatchIdentity): RecordSender => {
      this.epoch = Story.keepsEpoch ? 0 : identity.epoch
      const given = { ...identity, epoch: this.epoch }
      return new RecordSender(this.brokers.connect(), given, this.#options, text => text)
    }
    this.producer = new DirectProducer(IDENTITY, connect, () => {})
  }

  async tell(): Promise<this> {
    const rounds = 1 + this.luck.below(6)
    for (let round = 0; round < rounds && this.wrong.length === 0; round++) {
      await this.#writeSome()
      await this.#flush()
      if (this.luck.next() < 0.2) await vi.advanceTimersByTimeAsync(this.luck.below(3_000))
    }
    await this.#flush()
    // Whatever is still on its way.
    await vi.advanceTimersByTimeAsync(10_000)
    this.#compare()
    await this.producer.close()
    return this
  }

  async #writeSome(): Promise<void> {
    const writes = this.luck.below(12)
    for (let i = 0; i < writes; i++) {
      const room = this.#write()
      if (room !== undefined && (await outcome(room)) === undefined) {
        this.wrong.push('write had no room for ever')
        return
      }
      if (this.luck.next() < 0.4) await vi.advanceTimersByTimeAsync(this.luck.below(30))
    }
  }

  #write(): Promise<void> | undefined {
    const { name, partitionCount } = this.luck.of(this.#topics)
    const count = 1 + this.luck.below(20)
    // Behind the records, bytes that are not theirs: as in a slice of something greater.
    const builder = new RawRecordsBuilder(64)
    const partitions = new Int32Array(count)
    for (let i = 0; i < count; i++) {
      const id = this.#nextId++
      const partition = this.luck.below(partitionCount)
      partitions[i] = partition
      this.written.push({ id, place: `${name}/${partition}`, epoch: this.epoch })
      builder.startValue()
      builder.out.text(String(id).padStart(1 + this.luck.below(40), '0'))
      builder.endValue()
      builder.endRecord(1_000)
    }
    const raw = builder.build()
    const data = Buffer.concat([raw.data, Buffer.alloc(this.luck.of([0, 2_000]))])
    const records: OutgoingRecords = { ...raw, data, topic: name, partitions }
    const room = this.producer.write(records)
    // Whoever wrote it may use its arrays again.
    data.fill(0)
    partitions.fill(0)
    return room
  }

  async #flush(): Promise<void> {
    const before = [...this.written]
    const flush = outcome(this.producer.flush())
    if (this.luck.next() < 0.3) void this.#write()
    const settled = await flush
    if (settled === undefined) {
      this.wrong.push('a flush that never ends')
      return
    }
    if (settled.error !== undefined) {
      this.failed.push(...before.filter(({ id }) => !this.failed.some(each => each.id === id)))
      const { message } = settled.error as Error
      if (this.#options.deliveryMs > 1_000) this.wrong.push(`a flush failed: ${message}`)
      return
    }
    const failed = new Set(this.failed.map(({ id }) => id))
    for (const { id, place } of before) {
      const isThere = this.#log(place).some(landed => landed.id === id)
      if (!isThere && !failed.has(id)) this.wrong.push(`${id} was lost in ${place}`)
    }
  }
  #log(place: string): readonly Landed[] {
    const [topic = '', partition] = place.split('/')
    return this.brokers.topics.get(topic)?.partitions[Number(partition)]?.log ?? []
  }

  /** Each partition in the order of writing, nothing twice; of each epoch the first part. */
  #compare(): void {
    for (const place of new Set(this.written.map(each => each.place))) {
      const log = this.#log(place)
      const ids = log.map(({ id }) => id)
      for (let i = 1; i < ids.length; i++) {
        if ((ids[i] as number) > (ids[i - 1] as number)) continue
        this.wrong.push(`${place}: ${ids[i]} behind ${ids[i - 1]}`)
      }
      for (const epoch of new Set(log.map(each => each.epoch))) {
        const landed = log.filter(each => each.epoch === epoch).map(({ id }) => id)
        const here = this.written.filter(each => each.place === place && each.epoch === epoch)
        const expected = here.slice(0, landed.length).map(({ id }) => id)
        if (landed.join() !== expected.join()) {
          this.wrong.push(`${place}: ${landed} landed of epoch ${epoch}, not first ${expected}`)
        }
      }
    }
  }
}

async function wrongIn(seeds: number, from = 1): Promise<string[]> {
  const wrong: string[] = []
  for (let seed = from; seed < from + seeds; seed++) {
    const story = await new Story(seed).tell()
    wrong.push(...story.wrong.slice(0, 2).map(text => `seed ${seed}: ${text}`))
  }
  return wrong
}

const SEEDS = Number(process.env['MILLRACE_SEEDS'] ?? 40)

test('whatever happens on the way, each record lands once and in order', async () => {
  expect(await wrongIn(SEEDS)).toEqual([])
}, 600_000)

test('the stories have every accident in them', async () => {
  const kinds = new Set<string>()
  let underWayMost = 0
  for (let seed = 1; seed <= 20; seed++) {
    const { brokers } = await new Story(seed).tell()
    for (const kind of brokers.happened.keys()) kinds.add(kind)
    underWayMost = Math.max(underWayMost, brokers.underWayMost)
  }
  expect([...kinds].sort()).toEqual([
    'ended before the answer',
    'ended before the append',
    'error behind the append',
    'leader moved',
    'left out of the answer',
    'metadata with an error',
    'no connection',
    'no leader',
    'no metadata',
    'processed late',
    'refused',
    'throttled',
  ])
  expect(underWayMost).toBe(5)
}, 60_000)

// ---- bugs that stories must find: each was one, or could be

const PLANTED: Readonly<Record<string, () => void>> = {
  'batches without a producer: one that is sent twice lands twice': () => {
    const { seal } = OutgoingPartition.prototype
    vi.spyOn(OutgoingPartition.prototype, 'seal').mockImplementation(function (
      this: OutgoingPartition,
      _,
      flush,
    ) {
      return seal.call(this, { producerId: -1n, epoch: -1, transactionalId: null }, flush)
    })
  },
  'the second batch goes before the broker knows the producer': () => {
    const { next } = OutgoingPartition.prototype
    vi.spyOn(OutgoingPartition.prototype, 'next').mockImplementation(function (
      this: OutgoingPartition,
    ) {
      const { underWay } = this
      this.underWay = 0
      const batch = next.call(this)
      this.underWay = underWay
      return batch
    })
  },
  'what was lost is not sent again': () => {
    vi.spyOn(OutgoingPartition.prototype, 'again').mockImplementation(function (
      this: OutgoingPartition,
      brokerId,
    ) {
      this.brokerId = brokerId
      this.isLost = false
    })
  },
  'what is under way counts as written': () => {
    vi.spyOn(OutgoingPartition.prototype, 'sent').mockImplementation(function (
      this: OutgoingPartition,
    ) {
      const batch = this.next()
      if (batch !== undefined) batch.isWritten = true
    })
  },
  'a batch out of order is taken for written': () => {
    vi.spyOn(fates, 'fateOf').mockImplementation(code =>
      code === 0 || code === 45 ? 'written' : 'again',
    )
  },
  'an answer that says "again" is taken for written': () => {
    vi.spyOn(fates, 'fateOf').mockImplementation(() => 'written')
  },
  'a flush ends before all is acknowledged': () => {
    vi.spyOn(Unacknowledged.prototype, 'isDone').mockReturnValue(true)
  },
  'bytes of what is acknowledged are not given back': () => {
    const { acknowledged } = Unacknowledged.prototype
    vi.spyOn(Unacknowledged.prototype, 'acknowledged').mockImplementation(function (
      this: Unacknowledged,
      flush,
    ) {
      acknowledged.call(this, flush, 0)
    })
  },
  'the epoch stays the same after a flush that failed': () => {
    Story.keepsEpoch = true
  },
}

test.each(Object.keys(PLANTED))(
  'finds: %s',
  async name => {
    PLANTED[name]?.()
    let wrong: string[] = []
    for (let seed = 1; seed <= 400 && wrong.length === 0; seed++) wrong = await wrongIn(1, seed)
    Story.keepsEpoch = false
    expect(wrong).not.toEqual([])
  },
  600_000,
)
