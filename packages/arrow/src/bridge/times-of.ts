import { getBit } from '@millrace/core'
import { type Data, DataType, DateUnit, TimeUnit } from 'apache-arrow'
import { Fault } from '../ipc/fault.ts'

const DAY_MS = 86_400_000
/** The range of JavaScript's `Date`. */
const TIME_MAX = 8.64e15
const WORD = 0x1_0000_0000

/**
 * Epoch milliseconds of dates and timestamps; the same buffer where they are that already.
 * @throws Fault for a time that a frame can't hold.
 */
export function timesOf(data: Data, validity: Uint8Array | null): BigInt64Array {
  const { type, length, values } = data
  const { buffer, byteOffset } = values as Int32Array
  if (DataType.isDate(type) && type.unit === DateUnit.DAY) {
    const days = values as Int32Array
    return written(length, validity, i => (days[i] as number) * DAY_MS)
  }
  const words = new Int32Array(buffer as ArrayBuffer, byteOffset, length * 2)
  const unit = DataType.isTimestamp(type) ? type.unit : TimeUnit.MILLISECOND
  if (unit === TimeUnit.MILLISECOND) {
    for (let i = 0; i < length; i++) {
      const ms = (words[i * 2 + 1] as number) * WORD + ((words[i * 2] as number) >>> 0)
      if (isTime(ms) || (validity !== null && !getBit(validity, i))) continue
      throw new Fault(`a time is ${ms} ms, beyond 8.64e15`)
    }
    return new BigInt64Array(buffer as ArrayBuffer, byteOffset, length)
  }
  if (unit === TimeUnit.SECOND) {
    return written(
      length,
      validity,
      i => ((words[i * 2 + 1] as number) * WORD + ((words[i * 2] as number) >>> 0)) * 1_000,
    )
  }
  const perMs = unit === TimeUnit.MICROSECOND ? 1e3 : 1e6
  return written(length, validity, i => {
    const high = words[i * 2 + 1] as number
    const low = (words[i * 2] as number) >>> 0
    // Long division by hand: each step is exact in a double.
    const quotient = Math.floor(high / perMs)
    const rest = high - quotient * perMs
    return quotient * WORD + Math.floor((rest * WORD + low) / perMs)
  })
}

function written(
  length: number,
  validity: Uint8Array | null,
  timeOf: (index: number) => number,
): BigInt64Array {
  const words = new Int32Array(length * 2)
  for (let i = 0; i < length; i++) {
    if (validity !== null && !getBit(validity, i)) continue
    const ms = timeOf(i)
    if (!isTime(ms)) throw new Fault(`a time is ${ms} ms, beyond 8.64e15`)
    words[i * 2] = ms % WORD
    words[i * 2 + 1] = Math.floor(ms / WORD)
  }
  return new BigInt64Array(words.buffer)
}

function isTime(ms: number): boolean {
  return ms >= -TIME_MAX && ms <= TIME_MAX
}
