/**
 * What a user would write by hand: `JSON.parse`, the builders of apache-arrow, IPC files. Files are
 * written at once under their names and not kept by the disk: a crash may leave half of one.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RawBatch } from '@millrace/core'
import {
  type Builder,
  Field,
  Float64,
  makeBuilder,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  TimestampMillisecond,
  tableToIPC,
  Utf8,
} from 'apache-arrow'

const BATCH_ROWS = 64 * 1024
/** About 16 MiB, as files of Millrace. */
const FILE_BATCHES = 2

interface EventRow {
  readonly user_id: string
  readonly event: string
  readonly amount: number
  readonly ts: number
  readonly page: string
  readonly session: string
}

const SCHEMA = new Schema([
  new Field('user_id', new Utf8()),
  new Field('event', new Utf8()),
  new Field('amount', new Float64()),
  new Field('ts', new TimestampMillisecond()),
  new Field('page', new Utf8()),
  new Field('session', new Utf8()),
])

export class BuilderFiles {
  readonly #folder: string
  readonly #builders = SCHEMA.fields.map(
    ({ type }): Builder => makeBuilder({ type, nullValues: [null] }),
  )
  #rows = 0
  #batches: RecordBatch[] = []
  #files = 0

  constructor(folder: string) {
    this.#folder = folder
  }

  /** A promise where a file is written. */
  take({ count, data, valueStart, valueSize }: RawBatch): Promise<void> | undefined {
    const [user, event, amount, ts, page, session] = this.#builders as [
      Builder,
      Builder,
      Builder,
      Builder,
      Builder,
      Builder,
    ]
    for (let i = 0; i < count; i++) {
      const start = valueStart[i] as number
      const row: EventRow = JSON.parse(
        data.toString('utf8', start, start + (valueSize[i] as number)),
      )
      user.append(row.user_id)
      event.append(row.event)
      amount.append(row.amount)
      ts.append(row.ts)
      page.append(row.page)
      session.append(row.session)
    }
    this.#rows += count
    if (this.#rows >= BATCH_ROWS) this.#flush()
    return this.#batches.length >= FILE_BATCHES ? this.#write() : undefined
  }

  async end(): Promise<void> {
    if (this.#rows > 0) this.#flush()
    if (this.#batches.length > 0) await this.#write()
  }

  #flush(): void {
    const children = this.#builders.map(builder => builder.flush())
    const type = new Struct(SCHEMA.fields)
    const data = makeData({ type, length: this.#rows, nullCount: 0, children })
    this.#batches.push(new RecordBatch(SCHEMA, data))
    this.#rows = 0
  }

  async #write(): Promise<void> {
    const bytes = tableToIPC(new Table(SCHEMA, this.#batches), 'file')
    this.#batches = []
    await mkdir(this.#folder, { recursive: true })
    await writeFile(join(this.#folder, `${this.#files++}.arrow`), bytes)
  }
}
