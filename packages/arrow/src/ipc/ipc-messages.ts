/**
 * The messages of Arrow's IPC format, from gathered columns.
 *
 *   message = FF FF FF FF | size of metadata i32 | metadata, padded to 8 | body
 *   body    = buffers, each padded to 8                  for each column: validity, offsets, values
 *
 * Metadata are written by `apache-arrow`; buffers go out as they were gathered, uncopied.
 * https://arrow.apache.org/docs/format/Columnar.html
 */
import type { Schema } from 'apache-arrow'
import {
  BodyCompression,
  BufferRegion,
  DictionaryBatch,
  FieldNode,
  Message,
  RecordBatch,
} from 'apache-arrow/ipc/metadata/message'
import type { GatheredBatch } from '../bridge/batch-gatherer.ts'
import type { Gathered } from '../bridge/gatherer.ts'
import { type BodyCodec, deflated } from './body-codec.ts'

export interface IpcMessage {
  readonly parts: readonly Uint8Array[]
  readonly metadataBytes: number
  readonly bodyBytes: number
}

export const STREAM_END: Uint8Array = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0)
const PADDING = new Uint8Array(8)

export function schemaMessage(schema: Schema): IpcMessage {
  return messageOf(Message.encode(Message.from(schema)), [], 0)
}

export function batchMessage(batch: GatheredBatch, codec: BodyCodec | null): IpcMessage {
  const { header, body, bodyBytes } = bodyOf(batch, codec)
  return messageOf(Message.encode(Message.from(header, bodyBytes)), body, bodyBytes)
}

export function dictionaryMessage(
  id: number,
  values: Gathered,
  codec: BodyCodec | null,
): IpcMessage {
  const { header, body, bodyBytes } = bodyOf({ length: values.length, columns: [values] }, codec)
  const dictionary = new DictionaryBatch(header, id)
  return messageOf(Message.encode(Message.from(dictionary, bodyBytes)), body, bodyBytes)
}

function bodyOf(
  { length, columns }: GatheredBatch,
  codec: BodyCodec | null,
): { header: RecordBatch; body: Uint8Array[]; bodyBytes: number } {
  const nodes: FieldNode[] = []
  const regions: BufferRegion[] = []
  const body: Uint8Array[] = []
  let at = 0
  const add = (column: Gathered): void => {
    nodes.push(new FieldNode(column.length, column.nullCount))
    const { validity, offsets, values, children = [] } = column
    for (const view of [validity, offsets, values]) {
      if (view === undefined) continue
      const plain = new Uint8Array(view.buffer, view.byteOffset, view.byteLength)
      const bytes = codec === null ? plain : deflated(codec, plain)
      regions.push(new BufferRegion(at, bytes.length))
      const padding = -bytes.length & 7
      body.push(bytes, PADDING.subarray(0, padding))
      at += bytes.length + padding
    }
    for (const child of children) add(child)
  }
  for (const column of columns) add(column)
  const compression = codec === null ? null : new BodyCompression(codec.type)
  return { header: new RecordBatch(length, nodes, regions, compression), body, bodyBytes: at }
}

function messageOf(metadata: Uint8Array, body: Uint8Array[], bodyBytes: number): IpcMessage {
  const padding = -metadata.length & 7
  const prefix = Buffer.alloc(8)
  prefix.writeInt32LE(-1)
  prefix.writeInt32LE(metadata.length + padding, 4)
  const parts = [prefix, metadata, PADDING.subarray(0, padding), ...body]
  return { parts, metadataBytes: 8 + metadata.length + padding, bodyBytes }
}
