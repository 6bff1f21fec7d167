import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { KafkaFetcher } from './kafka-fetcher.ts'
import type { NativeConsumer, NativeOffset } from './native-client.ts'
import type { PartitionLook } from './partition-look.ts'
import type { PartitionReading } from './partition-reading.ts'

type Consumed = (error: Error | null, records: object[]) => void

/** The client, where the test says what each call of `consume` gives. */
class FakeNative extends EventEmitter {
  readonly assigned: string[] = []
  readonly #waiting: Consumed[] = []
  #onConsume: () => void = () => {}
  setDefaultConsumeTimeout(): void {}
  consume(_: number, done: Consumed): void {
    this.#waiting.push(done)
    this.#onConsume()
  }
  incrementalAssign(list: NativeOffset[]): void {
    for (const { partition, offset } of list) this.assigned.push(`+${partition}@${offset}`)
  }
  incrementalUnassign(list: NativeOffset[]): void {
    for (const { partition } of list) this.assigned.push(`-${partition}`)
  }
  isConnected(): boolean {
    return false
  }
  /** Answers a call of `consume` as the client does: ends are told before the records are. */
  async give(offsets: readonly (readonly [number, number])[], ends: NativeOffset[] = []) {
    await this.called()
    for (const end of ends) this.emit('partition.eof', end)
    this.#waiting.shift()?.(null, offsets.map(record))
  }
  async fail(error: Error) {
    await this.called()
    this.#waiting.shift()?.(error, [])
  }
  answer(): void {
    this.#waiting.shift()?.(null, [])
  }
  /** Resolves when a call of `consume` waits. */
  async called(): Promise<void> {
    if (this.#waiting.length > 0) return
    await new Promise<void>(resolve => {
      this.#onConsume = resolve
    })
  }
}

function record([partition, offset]: readonly [number, number]): object {
  const value = Buffer.alloc(100, String(offset))
  return { topic: 'shop', partition, offset, key: null, value, timestamp: 1 }
}

function setUp(bufferBytesMax = 1 << 20, end = 100) {
  const native = new FakeNative()
  const look = {
    suspects: 0,
    failure: null as Error | null,
    suspect() {
      this.suspects++
    },
    async at(readings: PartitionReading[]) {
      if (this.failure !== null) throw this.failure
      for (const reading of readings) {
        reading.isChecked = true
        const askedAt = performance.now()
        reading.seen = { lastStableOffset: end, highWatermark: end, askedAt }
      }
    },
  }
  const fetcher = new KafkaFetcher(
    native as unknown as NativeConsumer,
    look as unknown as PartitionLook,
    { bufferBytesMax, batchRecordsMax: 10 },
  )
  /** Answers the call under way too, as the client does at once. */
  const close = async (): Promise<void> => {
    const closing = fetcher.close()
    native.answer()
    await closing
  }
  return { native, look, fetcher, close }
}

const shop = (partition: number) => ({ topic: 'shop', partition })

async function offsets(fetcher: KafkaFetcher, timeoutMs = 1_000) {
  const batch = await fetcher.poll(timeoutMs)
  return batch === null ? null : { at: [...batch.offsets], next: batch.nextOffset }
}

test('an end told before the records of the same call does not hide them', async () => {
  const { native, fetcher, close } = setUp()
  fetcher.add(shop(0), 0)
  await native.give(
    [
      [0, 0],
      [0, 1],
    ],
    [{ ...shop(0), offset: 3 }],
  )
  expect(await offsets(fetcher)).toEqual({ at: [0, 1], next: 3 })
  await close()
})

test('an end without records moves the position: control records, aborted ones', async () => {
  const { native, fetcher, close } = setUp(1 << 20, 5)
  fetcher.add(shop(0), 0)
  await native.give([], [{ ...shop(0), offset: 5 }])
  expect(await fetcher.poll(0)).toBe(null)
  expect(fetcher.progress(shop(0))).toEqual({
    position: 5,
    lastStableOffset: 5,
    highWatermark: 5,
  })
  await close()
})

test('what arrives after a pause is dropped, and read again from there after resume', async () => {
  const { native, fetcher, close } = setUp()
  fetcher.add(shop(0), 0)
  await native.give([
    [0, 0],
    [0, 1],
  ])
  expect(await offsets(fetcher)).toEqual({ at: [0, 1], next: 2 })
  await native.called()
  fetcher.pause(shop(0))
  fetcher.resume(shop(0))
  // The call under way was begun before the pause.
  await native.give([[0, 2]], [{ ...shop(0), offset: 3 }])
  await native.called()
  expect(native.assigned).toEqual(['+0@0', '-0', '+0@2'])
  await native.give([
    [0, 2],
    [0, 3],
  ])
  expect(await offsets(fetcher)).toEqual({ at: [2, 3], next: 4 })
  await close()
})

test('a removed partition that is added elsewhere begins there', async () => {
  const { native, fetcher, close } = setUp()
  fetcher.add(shop(0), 0)
  await native.give([[0, 0]])
  await native.called()
  fetcher.remove(shop(0))
  fetcher.add(shop(0), 50)
  await native.give([[0, 1]])
  await native.called()
  expect(await fetcher.poll(0)).toBe(null)
  await native.give([[0, 50]])
  expect(await offsets(fetcher)).toEqual({ at: [50], next: 51 })
  await close()
})

test('rests while the queue is full, but holds a full partition for one that starves', async () => {
  const { native, fetcher, close } = setUp(2_000)
  fetcher.add(shop(0), 0)
  fetcher.add(shop(1), 0)
  await native.give(Array.from({ length: 20 }, (_, i) => [0, i] as const))
  fetcher.wake()
  await native.called()
  expect(native.assigned).toEqual(['+0@0', '+1@0', '-0'])
  await native.give([[1, 0]])
  const first = await offsets(fetcher)
  const second = await offsets(fetcher)
  expect([first?.at.length, second?.at]).toEqual([10, [0]])
  expect((await offsets(fetcher))?.at).toHaveLength(10)
  await native.give([])
  await native.called()
  expect(native.assigned.at(-1)).toBe('+0@20')
  await close()
})

test('an error of the client makes it look; a refusal is told', async () => {
  const { native, look, fetcher, close } = setUp()
  fetcher.add(shop(0), 0)
  await native.fail(Object.assign(new Error('reset'), { code: -140 }))
  expect(look.suspects).toBe(1)
  fetcher.wake()
  const poll = fetcher.poll(1_000)
  await native.fail(Object.assign(new Error('denied'), { code: 29 }))
  await expect(poll).rejects.toThrow('BROKER_REFUSED: reading was refused: denied')
  await close()
})

test('when the broker does not answer, poll says so and progress says nothing', async () => {
  const { look, fetcher, close } = setUp()
  look.failure = Object.assign(new Error('down'), { code: -195 })
  fetcher.add(shop(0), 0)
  await expect(fetcher.poll(1_000)).rejects.toThrow('BROKER_UNREACHABLE')
  expect(fetcher.progress(shop(0))).toBe(null)
  await close()
  expect(await fetcher.poll(0)).toBe(null)
})
