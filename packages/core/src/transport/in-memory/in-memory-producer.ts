/**
 * Writes to the in-memory broker: records are in the log when `write` returns, unless a test delays
 * them; `flush` tells of those that are not.
 */
import { assert } from '../../util/assert.ts'
import type { OutgoingRecords } from '../raw-records.ts'
import type { Producer } from '../transport.ts'
import type { ClientLine } from './client-line.ts'
import type { InMemoryBroker } from './in-memory-broker.ts'
import { Outbox } from './outbox.ts'

export class InMemoryProducer implements Producer {
  readonly #line: ClientLine
  readonly #outbox: Outbox
  #isClosed = false

  constructor(broker: InMemoryBroker, line: ClientLine) {
    this.#line = line
    this.#outbox = new Outbox(broker, line, (log, records, index) => log.append(records, index))
  }

  write(records: OutgoingRecords): undefined {
    assert(!this.#isClosed, 'nothing is written to a closed producer')
    this.#outbox.write(records)
    return undefined
  }

  flush(): Promise<void> {
    return this.#line.call('flush', async () => {
      await this.#outbox.settled()
      const failure = this.#outbox.takeFailure()
      if (failure !== null) throw failure
    })
  }

  close(): Promise<void> {
    this.#isClosed = true
    return Promise.resolve()
  }
}
