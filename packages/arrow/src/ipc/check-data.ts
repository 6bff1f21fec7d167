/**
 * Whether the buffers of a column hold what its length says: no offset leads out of its buffer, no
 * number out of its dictionary, no text is anything but UTF-8. After it, cells may be read.
 */
import { isUtf8 } from 'node:buffer'
import { getBit } from '@millrace/core'
import { type Data, DataType, type FixedSizeList, Type, type Union } from 'apache-arrow'
import { Fault } from './fault.ts'

const VIEW_BYTES = 16
const INLINE_BYTES_MAX = 12
const OFFSETS: ReadonlySet<Type> = new Set([
  Type.Utf8,
  Type.Binary,
  Type.LargeUtf8,
  Type.LargeBinary,
  Type.List,
  Type.LargeList,
  Type.Map,
])

/** @throws Fault */
export function checkData(data: Data): void {
  const { type, length, nullCount, nullBitmap } = data
  // A column of nulls has no buffers.
  if (DataType.isNull(type)) return
  if (nullCount > 0 && nullBitmap.length * 8 < length) throw new Fault('its bitmap is too short')
  if (OFFSETS.has(type.typeId)) checkOffsets(data)
  else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) checkViews(data)
  else if (DataType.isUnion(type)) checkUnion(data)
  else if (!DataType.isStruct(type) && !DataType.isFixedSizeList(type)) checkValues(data)
  if (DataType.isDictionary(type)) checkNumbers(data)
  else for (const child of data.children) checkData(child)
  checkChildren(data)
}

function checkValues({ type, length, values, stride }: Data): void {
  const { length: count = 0 } = (values ?? []) as ArrayLike<unknown>
  const needed = DataType.isBool(type) ? Math.ceil(length / 8) : length * stride
  if (count < needed) throw new Fault(`it has ${count} values for ${length} cells`)
}

function checkChildren({ type, length, children }: Data): void {
  if (DataType.isStruct(type)) requireLength(children, length)
  else if (DataType.isFixedSizeList(type)) {
    const { listSize } = type as FixedSizeList
    if (!(listSize >= 0)) throw new Fault(`its lists have ${listSize} cells`)
    requireLength(children, length * listSize)
  }
}

function requireLength(children: readonly Data[], length: number): void {
  const short = children.find(child => child.length < length)
  if (short !== undefined)
    throw new Fault(`a column within it has ${short.length} of ${length} cells`)
}

/** Ascending, and within the bytes or cells that they cut. */
function checkOffsets(data: Data): void {
  const { type, length, values, children } = data
  const isText = DataType.isUtf8(type) || DataType.isLargeUtf8(type)
  const end = (isText || isBytes(type) ? (values as Uint8Array) : (children[0] as Data)).length
  const offsets = data.valueOffsets as Int32Array | BigInt64Array
  if (offsets.length === 0 && length === 0) return
  if (offsets.length <= length) throw new Fault(`it has ${offsets.length} offsets`)
  let before = Number(offsets[0])
  if (before < 0) throw new Fault(`an offset is ${before}`)
  for (let i = 1; i <= length; i++) {
    const offset = Number(offsets[i])
    if (offset < before || offset > end) throw new Fault(`an offset is ${offset}, out of order`)
    before = offset
  }
  if (isText) checkText(values as Uint8Array, offsets, length)
}

function isBytes(type: DataType): boolean {
  return DataType.isBinary(type) || DataType.isLargeBinary(type)
}

function checkText(bytes: Uint8Array, offsets: Int32Array | BigInt64Array, length: number): void {
  const first = Number(offsets[0])
  const last = Number(offsets[length])
  if (!isUtf8(bytes.subarray(first, last))) throw new Fault('it holds text that is not UTF-8')
  for (let i = 1; i < length; i++) {
    const offset = Number(offsets[i])
    if (offset < last && ((bytes[offset] as number) & 0xc0) === 0x80) {
      throw new Fault('it holds text that is not UTF-8')
    }
  }
}

/** View = size i32 | 12 bytes of it, or the first 4 | number of a buffer i32 | offset in it i32. */
function checkViews(data: Data): void {
  const { type, length, values, variadicBuffers, nullBitmap, nullCount } = data
  const views = values as Uint8Array
  if (views.length < length * VIEW_BYTES)
    throw new Fault(`it has too few views for ${length} cells`)
  const view = new DataView(views.buffer, views.byteOffset, views.byteLength)
  const isText = DataType.isUtf8View(type)
  for (let i = 0; i < length; i++) {
    if (nullCount > 0 && !getBit(nullBitmap, i)) continue
    const at = i * VIEW_BYTES
    const size = view.getInt32(at, true)
    const bytes =
      size <= INLINE_BYTES_MAX
        ? views.subarray(at + 4, at + 4 + size)
        : variadicBuffers[view.getInt32(at + 8, true)]?.subarray(
            view.getInt32(at + 12, true),
            view.getInt32(at + 12, true) + size,
          )
    const isInside = size <= INLINE_BYTES_MAX || view.getInt32(at + 12, true) >= 0
    if (size < 0 || !isInside || bytes?.length !== size) throw new Fault('a view leads out of it')
    if (isText && !isUtf8(bytes)) throw new Fault('it holds text that is not UTF-8')
  }
}

function checkNumbers({ length, values, nullCount, nullBitmap, dictionary }: Data): void {
  if (dictionary === undefined) throw new Fault('its dictionary is missing')
  const numbers = values as Int32Array
  for (let i = 0; i < length; i++) {
    if (nullCount > 0 && !getBit(nullBitmap, i)) continue
    const number = Number(numbers[i])
    if (number >= 0 && number < dictionary.length) continue
    throw new Fault(`it has number ${number} of a dictionary of ${dictionary.length}`)
  }
}

function checkUnion({ type, length, typeIds, valueOffsets, children }: Data): void {
  const { typeIdToChildIndex } = type as Union
  const offsets = DataType.isDenseUnion(type) ? (valueOffsets as Int32Array) : null
  if (typeIds.length < length || (offsets !== null && offsets.length < length)) {
    throw new Fault(`it has too few types for ${length} cells`)
  }
  for (let i = 0; i < length; i++) {
    const child = children[typeIdToChildIndex[typeIds[i] as number] ?? -1]
    const at = offsets === null ? i : (offsets[i] as number)
    if (child === undefined || at < 0 || at >= child.length) throw new Fault('a cell is of no type')
  }
}
