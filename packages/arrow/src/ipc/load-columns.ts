/**
 * The columns of a record batch, from its body: only those that are read are inflated and loaded.
 *
 * Buffers are used where they are, where they are aligned. What the metadata say is checked against
 * the body before it is used; what is in the buffers is checked by `checkData`.
 */

import type { Data } from 'apache-arrow'
import { DataType, type Field, type MetadataVersion, Type, type Vector } from 'apache-arrow'
import type { BufferRegion, FieldNode, RecordBatch } from 'apache-arrow/ipc/metadata/message'
import { CompressedVectorLoader } from 'apache-arrow/visitor/vectorloader'
import { codecOfType, inflated } from './body-codec.ts'
import { checkData } from './check-data.ts'
import { Fault } from './fault.ts'

export interface BodyParts {
  readonly header: RecordBatch
  readonly body: Body
  readonly version: MetadataVersion
  readonly dictionaries: Map<number, Vector>
  /** What the inflated buffers of the columns read may take together. */
  readonly bytesMax: number
}

/** The bytes behind the metadata of a message, or those of them that are read. */
export interface Body {
  readonly length: number
  /** @param start within the body */
  bytes(start: number, end: number): Buffer
}

interface Cursor {
  node: number
  buffer: number
  variadic: number
}

const DEPTH_MAX = 64
/** What lies between two parts and is not needed is read with them, up to so much. */
const GAP_BYTES_MAX = 64 * 1024

/**
 * Data of the fields that are read, null for the others.
 * @throws Fault
 */
export function loadColumns(
  parts: BodyParts,
  fields: readonly Field[],
  isRead: (field: Field) => boolean,
): (Data | null)[] {
  const left = { bytes: parts.bytesMax }
  return rangesOf(parts.header, fields).map(({ field, begin, end }) =>
    isRead(field) ? load(field, parts, { begin, end, left }) : null,
  )
}

/**
 * The parts of a body that hold the fields that are read, in order.
 * @throws Fault
 */
export function partsOf(
  header: RecordBatch,
  fields: readonly Field[],
  isRead: (field: Field) => boolean,
): { readonly start: number; readonly end: number }[] {
  const regions = rangesOf(header, fields)
    .filter(({ field }) => isRead(field))
    .flatMap(({ begin, end }) => header.buffers.slice(begin.buffer, end.buffer))
    .filter(({ length }) => length > 0)
    .sort((a, b) => a.offset - b.offset)
  const parts: { start: number; end: number }[] = []
  for (const { offset, length } of regions) {
    const last = parts.at(-1)
    if (last !== undefined && offset - last.end <= GAP_BYTES_MAX) {
      last.end = Math.max(last.end, offset + length)
    } else parts.push({ start: offset, end: offset + length })
  }
  return parts
}

interface FieldRange {
  readonly field: Field
  readonly begin: Cursor
  readonly end: Cursor
}

/** Where the nodes and buffers of each field are. */
function rangesOf(header: RecordBatch, fields: readonly Field[]): FieldRange[] {
  const cursor: Cursor = { node: 0, buffer: 0, variadic: 0 }
  const ranges = fields.map(field => {
    const begin = { ...cursor }
    step(field.type, header, cursor, 0)
    return { field, begin, end: { ...cursor } }
  })
  if (cursor.node === header.nodes.length && cursor.buffer === header.buffers.length) return ranges
  throw new Fault('a record batch has other columns than its schema')
}

function load(
  field: Field,
  parts: BodyParts,
  range: { begin: Cursor; end: Cursor; left: { bytes: number } },
): Data {
  const { header, version, dictionaries } = parts
  const { begin, end, left } = range
  const regions = header.buffers.slice(begin.buffer, end.buffer)
  const chunks = regions.map(region => bufferOf(region, parts, left))
  const nodes = header.nodes.slice(begin.node, end.node)
  for (const node of nodes) requireNode(node)
  const variadic = header.variadicBufferCounts.slice(begin.variadic, end.variadic)
  try {
    const loader = new CompressedVectorLoader(
      chunks,
      nodes,
      regions,
      dictionaries,
      version,
      variadic,
    )
    const data = loader.visit(field) as Data
    checkData(data)
    if (data.length === header.length) return data
    throw new Fault(`it has ${data.length} cells in ${header.length} rows`)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    throw new Fault(`column ${JSON.stringify(field.name)}: ${text}`)
  }
}

function bufferOf(region: BufferRegion, parts: BodyParts, left: { bytes: number }): Uint8Array {
  const { body, header } = parts
  const { offset, length } = region
  if (!(offset >= 0 && length >= 0 && offset + length <= body.length)) {
    throw new Fault(`a buffer at ${offset} of ${length} bytes is beyond its body, ${body.length}`)
  }
  const bytes = body.bytes(offset, offset + length)
  if (header.compression === null || length === 0) return aligned(bytes)
  const codec = codecOfType(header.compression.type)
  if (codec === undefined) {
    throw new Fault(`it is compressed by codec ${header.compression.type}; LZ4 and zstd are known`)
  }
  try {
    const plain = inflated(codec, bytes, left.bytes)
    left.bytes -= plain.length
    return aligned(plain)
  } catch (error) {
    throw new Fault(error instanceof Error ? error.message : String(error))
  }
}

/** Typed arrays begin at multiples of 8; else the bytes are copied. */
function aligned(bytes: Uint8Array): Uint8Array {
  if (bytes.byteOffset % 8 === 0)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint8Array.from(bytes)
}

function requireNode({ length, nullCount }: FieldNode): void {
  const isSound = Number.isSafeInteger(length) && length >= 0 && length <= 0x7fffffff
  if (isSound && nullCount >= 0 && nullCount <= length) return
  throw new Fault(`a column says it has ${length} cells, ${nullCount} of them null`)
}

/** Steps over the nodes and buffers that a type has. */
function step(type: DataType, header: RecordBatch, at: Cursor, depth: number): void {
  if (depth > DEPTH_MAX) throw new Fault(`its types are nested more than ${DEPTH_MAX} deep`)
  at.node++
  if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
    const count = header.variadicBufferCounts[at.variadic++] ?? 0
    if (!(count >= 0 && count <= header.buffers.length)) throw new Fault('a view has no buffers')
    at.buffer += 2 + count
  } else at.buffer += buffersOf(type)
  if (at.node > header.nodes.length || at.buffer > header.buffers.length) {
    throw new Fault('a record batch has fewer columns than its schema')
  }
  if (DataType.isDictionary(type)) return
  for (const child of type.children ?? []) step(child.type, header, at, depth + 1)
}

function buffersOf(type: DataType): number {
  switch (type.typeId) {
    case Type.Null:
      return 0
    case Type.Struct:
    case Type.FixedSizeList:
      return 1
    case Type.Utf8:
    case Type.LargeUtf8:
    case Type.Binary:
    case Type.LargeBinary:
      return 3
    case Type.Union:
      return DataType.isDenseUnion(type) ? 2 : 1
    default:
      return 2
  }
}
