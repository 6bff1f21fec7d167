/**
 * Whether the counts in the metadata of a message or footer can be true, before it is decoded: the
 * library makes as many objects as a count says, and damaged bytes may say four billion.
 */
import { MessageHeader } from 'apache-arrow'
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch'
import type { Field } from 'apache-arrow/fb/field'
import { Footer } from 'apache-arrow/fb/footer'
import { Message } from 'apache-arrow/fb/message'
import { RecordBatch } from 'apache-arrow/fb/record-batch'
import { Schema } from 'apache-arrow/fb/schema'
import { Type } from 'apache-arrow/fb/type'
import { ByteBuffer } from 'flatbuffers'
import { Fault } from './fault.ts'

const DEPTH_MAX = 64
const FIELDS_MAX = 100_000
/** Offsets of a list, at least. */
const OFFSET_BYTES = 4
/** Of a field node, of a buffer. */
const STRUCT_BYTES = 16
const BLOCK_BYTES = 24
/** Layouts that the library has no reader for. */
const NOT_READ: ReadonlySet<Type> = new Set([Type.RunEndEncoded, Type.ListView, Type.LargeListView])
/** Their items, or entries, are their only child. */
const LISTS: ReadonlySet<Type> = new Set([Type.List, Type.LargeList, Type.FixedSizeList, Type.Map])

/** @throws Fault, or what the library throws for bytes that lead out of the buffer. */
export function checkMessage(bytes: Uint8Array): void {
  const message = Message.getRootAsMessage(new ByteBuffer(bytes))
  const within = boundOf(bytes)
  within(message.customMetadataLength(), OFFSET_BYTES)
  switch (message.headerType() as number) {
    case MessageHeader.Schema:
      checkSchema(message.header(new Schema()), within)
      break
    case MessageHeader.RecordBatch:
      checkBatch(message.header(new RecordBatch()), within)
      break
    case MessageHeader.DictionaryBatch:
      checkBatch(message.header(new DictionaryBatch())?.data() ?? null, within)
      break
  }
}

/** @throws Fault, or what the library throws for bytes that lead out of the buffer. */
export function checkFooter(bytes: Uint8Array): void {
  const footer = Footer.getRootAsFooter(new ByteBuffer(bytes))
  const within = boundOf(bytes)
  within(footer.customMetadataLength(), OFFSET_BYTES)
  within(footer.dictionariesLength(), BLOCK_BYTES)
  within(footer.recordBatchesLength(), BLOCK_BYTES)
  checkSchema(footer.schema(), within)
}

type Within = (count: number, bytesEach: number) => void

function boundOf({ length }: Uint8Array): Within {
  return (count, bytesEach) => {
    if (count >= 0 && count * bytesEach <= length) return
    throw new Fault(`its metadata of ${length} bytes would hold a list of ${count}`)
  }
}

function checkBatch(batch: RecordBatch | null, within: Within): void {
  if (batch === null) throw new Fault('a record batch is missing')
  within(batch.nodesLength(), STRUCT_BYTES)
  within(batch.buffersLength(), STRUCT_BYTES)
  within(batch.variadicBufferCountsLength(), 8)
}

function checkSchema(schema: Schema | null, within: Within): void {
  if (schema === null) throw new Fault('its schema is missing')
  within(schema.customMetadataLength(), OFFSET_BYTES)
  within(schema.fieldsLength(), OFFSET_BYTES)
  const left = { fields: FIELDS_MAX }
  for (let i = 0; i < schema.fieldsLength(); i++)
    checkField(schema.fields(i), within, { left, path: [] })
}

function checkField(
  field: Field | null,
  within: Within,
  { left, path: above }: { left: { fields: number }; path: readonly string[] },
): void {
  if (field === null) throw new Fault('a field is missing')
  if (--left.fields < 0 || above.length > DEPTH_MAX) {
    throw new Fault('its schema has too many fields')
  }
  const path = [...above, field.name() ?? '']
  const type = field.typeType()
  const childCount = field.childrenLength()
  const column = (): string => `column ${JSON.stringify(path.join('.'))} is ${Type[type]}`
  if (NOT_READ.has(type)) throw new Fault(`${column()}, which is not read`)
  if (LISTS.has(type) && childCount !== 1) {
    throw new Fault(`${column()} of ${childCount} types, where it has one`)
  }
  within(field.customMetadataLength(), OFFSET_BYTES)
  within(childCount, OFFSET_BYTES)
  for (let i = 0; i < childCount; i++) checkField(field.children(i), within, { left, path })
}
