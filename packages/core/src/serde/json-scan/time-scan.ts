/**
 * Times of JSON read as bytes: a whole number of the column's unit, or ISO 8601 text in its usual
 * form. The epoch milliseconds lie in `NUMBER[0]`. Everything unusual is a FAULT: numbers that look
 * like another unit, or are beyond 2^53, times without a zone, days that no calendar has.
 */
import { millisecondsOf, timestampLooksWrong } from '../../schema/cell.ts'
import type { TimestampUnit } from '../../schema/data-type.ts'
import { FAULT } from './lexer.ts'
import { doubleEnd, longEnd, NUMBER } from './number-scan.ts'

/** The range of JavaScript's `Date`, in milliseconds. */
const TIME_MAX = 8.64e15
/** Milliseconds of the years 1970 to 5138, which look like no other unit. */
const PLAIN_MIN = 1e10
const PLAIN_MAX = 1e14
const DAY_MS = 86_400_000
const DAYS_OF_MONTH = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

export type TimeScan = (data: Buffer, at: number, end: number) => number

/** Reads times of a unit; undefined means milliseconds, and refuses what looks like another. */
export function timeScan(unit: TimestampUnit | undefined): TimeScan {
  const isPlain = unit === undefined || unit === 'ms'
  return (data, at, end) => {
    if (at < end && data[at] === 0x22) return isoEnd(data, at, end)
    const behind = doubleEnd(data, at, end)
    if (behind === FAULT) return FAULT
    const value = NUMBER[0]!
    // Perf: most times, without the calls below: V8 makes an object of a double that is handed
    // over, 16 bytes of garbage a record (benchmark `micro`).
    if (isPlain && value >= PLAIN_MIN && value < PLAIN_MAX) {
      NUMBER[0] = Math.floor(value)
      return behind
    }
    if (unit === undefined && timestampLooksWrong(value) !== null) return FAULT
    if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
      return unit === 'ns' ? nanosecondsEnd(data, at, end) : FAULT
    }
    const ms = millisecondsOf(value, unit ?? 'ms')
    NUMBER[0] = ms
    return Math.abs(ms) <= TIME_MAX ? behind : FAULT
  }
}

/** 17 to 19 digits: the last six are cut off, so what stays is exact. */
function nanosecondsEnd(data: Buffer, from: number, end: number): number {
  const at = longEnd(data, from, end)
  if (at === FAULT || data[from] === 0x2d) return FAULT
  NUMBER[0] = digitsAt(data, from, at - from - 6)
  return at
}

/** `"2026-08-01T10:00:00.25+02:00"`, the seconds and what is behind them as they come. */
function isoEnd(data: Uint8Array, quote: number, end: number): number {
  // The shortest: "2026-08-01T10:00Z"
  if (quote + 19 > end) return FAULT
  const year = digitsAt(data, quote + 1, 4)
  const month = digitsAt(data, quote + 6, 2)
  const day = digitsAt(data, quote + 9, 2)
  const hour = digitsAt(data, quote + 12, 2)
  const minute = digitsAt(data, quote + 15, 2)
  const isForm =
    data[quote + 5] === 0x2d &&
    data[quote + 8] === 0x2d &&
    data[quote + 11] === 0x54 &&
    data[quote + 14] === 0x3a
  if (!isForm || (year | month | day | hour | minute) < 0 || hour > 23 || minute > 59) return FAULT
  if (!isDay(year, month, day)) return FAULT
  NUMBER[0] = daysBefore(year, month, day) * DAY_MS + (hour * 60 + minute) * 60_000
  const at = secondsEnd(data, quote + 17, end)
  if (at === FAULT) return FAULT
  const close = zoneEnd(data, at, end)
  return close !== FAULT && close < end && data[close] === 0x22 ? close + 1 : FAULT
}

function secondsEnd(data: Uint8Array, from: number, end: number): number {
  if (from + 3 > end || data[from] !== 0x3a) return from
  const second = digitsAt(data, from + 1, 2)
  if (second < 0 || second > 59) return FAULT
  NUMBER[0] = NUMBER[0]! + second * 1_000
  let at = from + 3
  if (at >= end || data[at] !== 0x2e) return at
  const fraction = ++at
  let ms = 0
  for (; at < end && (data[at]! - 0x30) >>> 0 < 10; at++) {
    if (at - fraction < 3) ms = ms * 10 + (data[at]! - 0x30)
  }
  const digits = at - fraction
  if (digits === 0 || digits > 9) return FAULT
  NUMBER[0] = NUMBER[0]! + (digits === 1 ? ms * 100 : digits === 2 ? ms * 10 : ms)
  return at
}

function zoneEnd(data: Uint8Array, at: number, end: number): number {
  if (at >= end) return FAULT
  const sign = data[at]!
  if (sign === 0x5a) return at + 1
  if ((sign !== 0x2b && sign !== 0x2d) || at + 6 > end || data[at + 3] !== 0x3a) return FAULT
  const hour = digitsAt(data, at + 1, 2)
  const minute = digitsAt(data, at + 4, 2)
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59) return FAULT
  const shift = (hour * 60 + minute) * 60_000
  NUMBER[0] = NUMBER[0]! + (sign === 0x2d ? shift : -shift)
  return at + 6
}

/** A number of so many digits; negative when one of them is none. */
function digitsAt(data: Uint8Array, from: number, count: number): number {
  let value = 0
  for (let at = from; at < from + count; at++) {
    const digit = (data[at]! - 0x30) >>> 0
    if (digit > 9) return -1
    value = value * 10 + digit
  }
  return value
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1 || day > DAYS_OF_MONTH[month]!) return false
  return month !== 2 || day !== 29 || (year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0))
}

/** Days of the proleptic Gregorian calendar from 1970-01-01; years begin in March. */
function daysBefore(year: number, month: number, day: number): number {
  const marchYear = month <= 2 ? year - 1 : year
  const cycle = Math.floor(marchYear / 400)
  const yearOfCycle = marchYear - cycle * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const leaps = Math.floor(yearOfCycle / 4) - Math.floor(yearOfCycle / 100)
  return cycle * 146_097 + yearOfCycle * 365 + leaps + dayOfYear - 719_468
}
