/**
 * Record batches of an IPC file or stream, as columns of a frame.
 *
 * Reading is a generator that asks for ranges (`ipc-index.ts`): it serves bytes at hand and files
 * alike. Of a batch only columns of the schema are asked for, inflated and looked at; dictionaries
 * are loaded once, when a column that is read has one.
 */
import type { Column, Schema as RowSchema } from '@millrace/core'
import { DataType, Field, MessageHeader, Vector } from 'apache-arrow'
import type { DictionaryBatch, Message, RecordBatch } from 'apache-arrow/ipc/metadata/message'
import { columnOfData } from '../bridge/column-of-data.ts'
import { Fault } from './fault.ts'
import {
  type Block,
  type ByteRange,
  decoded,
  type IpcIndex,
  messageOf,
  type Reading,
} from './ipc-index.ts'
import { type Body, loadColumns, partsOf } from './load-columns.ts'

export interface ReadBatch {
  readonly length: number
  /** In the order of the schema. */
  readonly columns: readonly Column[]
}

/** A record batch may inflate to so much. */
const BATCH_BYTES_MAX = 512 * 1024 * 1024

export class IpcReader {
  readonly index: IpcIndex
  readonly #schema: RowSchema
  readonly #fields: readonly Field[]
  readonly #isRead: (field: Field) => boolean
  readonly #dictionaries = new Map<number, Vector>()
  #hasDictionaries = false

  /** @param schema columns to read; each is in the index, as `rowSchema` allows. */
  constructor(index: IpcIndex, schema: RowSchema) {
    this.index = index
    this.#schema = schema
    this.#fields = index.schema.fields
    this.#isRead = field => schema.has(field.name)
  }

  /** @throws Fault */
  *batch(nth: number): Reading<ReadBatch> {
    if (!this.#hasDictionaries) yield* this.#loadDictionaries()
    const { header, body } = yield* this.#batch(this.index.batches[nth] as Block)
    const loaded = loadColumns(this.#parts(header, body), this.#fields, this.#isRead)
    const columns = this.#schema.fields.map(({ name, type }) => {
      const data = loaded[this.#fields.findIndex(field => field.name === name)]
      if (data === null || data === undefined) throw new Fault(`column ${name} is missing`)
      if (data.nullCount > 0 && !type.isNullable) throw new Fault(`column ${name} has nulls`)
      try {
        return columnOfData(data, type)
      } catch (error) {
        throw new Fault(`column ${JSON.stringify(name)}: ${(error as Error).message}`)
      }
    })
    return { length: header.length, columns }
  }

  /** A batch of which some columns are read is read in parts. */
  *#batch(block: Block): Reading<{ header: RecordBatch; body: Body }> {
    if (this.#fields.every(this.#isRead)) {
      const { message, body } = yield* this.#message(block)
      return { header: batchOf(message), body }
    }
    const { start, metadataBytes, bodyBytes } = block
    const bodyStart = start + metadataBytes
    const header = batchOf(messageOf(yield { start, end: bodyStart }, block))
    const parts: { start: number; bytes: Buffer }[] = []
    for (const part of partsOf(header, this.#fields, this.#isRead)) {
      const range = { start: bodyStart + part.start, end: bodyStart + part.end }
      if (!(part.start >= 0 && part.end <= bodyBytes))
        throw new Fault('a buffer is beyond its body')
      parts.push({ start: part.start, bytes: yield range })
    }
    const bytes = (from: number, to: number): Buffer => {
      // The last that does not begin behind it: they ascend.
      const part = parts.findLast(each => each.start <= from)
      return part?.bytes.subarray(from - part.start, to - part.start) ?? Buffer.alloc(0)
    }
    return { header, body: { length: bodyBytes, bytes } }
  }

  *#loadDictionaries(): Reading<void> {
    const read = new Set<number>()
    for (const field of this.#fields) if (this.#isRead(field)) idsOf(field.type, read)
    if (read.size > 0) for (const block of this.index.dictionaries) yield* this.#dictionary(block)
    this.#hasDictionaries = true
  }

  *#dictionary(block: Block): Reading<void> {
    const { message, body } = yield* this.#message(block)
    if (message.headerType !== MessageHeader.DictionaryBatch) throw new Fault('it is no dictionary')
    const {
      id,
      isDelta,
      data: header,
    } = decoded('a dictionary', () => message.header() as DictionaryBatch)
    const type = this.index.schema.dictionaries.get(id)
    if (type === undefined) throw new Fault(`no column has dictionary ${id}`)
    const field = new Field('dictionary', type as DataType, true)
    const [data] = loadColumns(this.#parts(header, body), [field], () => true)
    const before = isDelta ? (this.#dictionaries.get(id)?.data ?? []) : []
    this.#dictionaries.set(id, new Vector([...before, data as NonNullable<typeof data>]))
  }

  *#message(block: Block): Reading<{ message: Message; body: Body }> {
    const { start, metadataBytes, bodyBytes } = block
    const bytes = yield { start, end: start + metadataBytes + bodyBytes }
    const message = messageOf(bytes.subarray(0, metadataBytes), block)
    const body = bytes.subarray(metadataBytes)
    return { message, body: { length: bodyBytes, bytes: (from, to) => body.subarray(from, to) } }
  }

  #parts(header: RecordBatch, body: Body) {
    const { version } = this.index
    return { header, body, version, dictionaries: this.#dictionaries, bytesMax: BATCH_BYTES_MAX }
  }
}

function batchOf(message: Message): RecordBatch {
  if (message.headerType !== MessageHeader.RecordBatch) throw new Fault('it is no record batch')
  return decoded('a record batch', () => message.header() as RecordBatch)
}

/** Performs a reading on bytes at hand. */
export function readHere<T>(reading: Reading<T>, bytes: Buffer): T {
  let step = reading.next()
  while (step.done !== true) step = reading.next(bytes.subarray(step.value.start, step.value.end))
  return step.value
}

/** Performs a reading where bytes are fetched. */
export async function readThere<T>(
  reading: Reading<T>,
  read: (range: ByteRange) => Promise<Buffer>,
): Promise<T> {
  let step = reading.next()
  while (step.done !== true) step = reading.next(await read(step.value))
  return step.value
}

function idsOf(type: DataType, ids: Set<number>): void {
  if (DataType.isDictionary(type)) {
    ids.add(type.id)
    idsOf(type.dictionary, ids)
  } else for (const child of type.children ?? []) idsOf(child.type, ids)
}
