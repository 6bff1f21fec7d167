/**
 * JSON read as bytes: where strings, numbers and whole values end.
 *
 * Every function gets the position of a first byte and the end of the record, looks at no byte
 * behind that end, and gives the position after what it read, or FAULT. A FAULT is no verdict: it
 * sends the record to the clear decoder, which says whether and why it is bad. So these functions
 * may refuse too much, never too little.
 */
import { JSON_DEPTH_MAX } from '../json-parse.ts'

/** What no position is. */
export const FAULT = -1

/** Of each byte in a string: 1 = stands for itself, alone. */
const PLAIN: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== 0x22 && byte !== 0x5c ? 1 : 0,
)
/** The bytes that may follow a backslash, but u. */
const ESCAPABLE: Uint8Array = new Uint8Array(256)
for (const character of '"\\/bfnrt') ESCAPABLE[character.charCodeAt(0)] = 1
const BASE64: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 1 : 0,
)
const HEX: Uint8Array = new Uint8Array(256)
for (const character of '0123456789abcdefABCDEF') HEX[character.charCodeAt(0)] = 1

/** The first position that is no white space. */
export function blankEnd(data: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end) {
    const byte = data[at]!
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) break
    at++
  }
  return at
}

/**
 * The closing quote of a string whose first character is at `from`. `~` of it when the string has
 * escapes, so that its bytes are not its text.
 */
export function stringEnd(data: Uint8Array, from: number, end: number): number {
  let at = from
  let isEscaped = false
  while (at < end) {
    const byte = data[at]!
    if (PLAIN[byte] === 1) at++
    else if (byte === 0x22) return isEscaped ? ~at : at
    else if (byte === 0x5c) {
      isEscaped = true
      at = escapeEnd(data, at + 1, end)
      if (at === FAULT) return FAULT
    } else {
      at = characterEnd(data, at, end)
      if (at === FAULT) return FAULT
    }
  }
  return FAULT
}

function escapeEnd(data: Uint8Array, at: number, end: number): number {
  if (at >= end) return FAULT
  if (ESCAPABLE[data[at]!] === 1) return at + 1
  if (data[at] !== 0x75 || at + 5 > end) return FAULT
  for (let i = 1; i <= 4; i++) if (HEX[data[at + i]!] === 0) return FAULT
  return at + 5
}

/** One character of two to four bytes, in the shortest form and no surrogate (RFC 3629). */
function characterEnd(data: Uint8Array, at: number, end: number): number {
  const first = data[at]!
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  if (first < 0xc2 || first > 0xf4 || at + size > end) return FAULT
  const second = data[at + 1]!
  let least = 0x80
  let greatest = 0xbf
  if (first === 0xe0) least = 0xa0
  else if (first === 0xed) greatest = 0x9f
  else if (first === 0xf0) least = 0x90
  else if (first === 0xf4) greatest = 0x8f
  if (second < least || second > greatest) return FAULT
  for (let i = 2; i < size; i++) if ((data[at + i]! & 0xc0) !== 0x80) return FAULT
  return at + size
}

/** A number in any form of JSON. */
export function numberEnd(data: Uint8Array, from: number, end: number): number {
  let at = from
  if (at < end && data[at] === 0x2d) at++
  const whole = at
  at = digitsEnd(data, at, end)
  if (at === whole || (data[whole] === 0x30 && at > whole + 1)) return FAULT
  if (at < end && data[at] === 0x2e) {
    const fraction = at + 1
    at = digitsEnd(data, fraction, end)
    if (at === fraction) return FAULT
  }
  if (at < end && (data[at]! | 0x20) === 0x65) {
    at++
    if (at < end && (data[at] === 0x2b || data[at] === 0x2d)) at++
    const exponent = at
    at = digitsEnd(data, exponent, end)
    if (at === exponent) return FAULT
  }
  return at
}

function digitsEnd(data: Uint8Array, from: number, end: number): number {
  let at = from
  while (at < end && (data[at]! - 0x30) >>> 0 < 10) at++
  return at
}

/** True when the bytes are base64 with its padding. */
export function isBase64(data: Uint8Array, from: number, end: number): boolean {
  if ((end - from) % 4 !== 0) return false
  let last = end
  while (last > from && end - last < 2 && data[last - 1] === 0x3d) last--
  for (let at = from; at < last; at++) if (BASE64[data[at]!] === 0) return false
  return true
}

/** True when the four bytes at `at` are `null`. */
export function isNull(data: Uint8Array, at: number, end: number): boolean {
  return (
    at + 4 <= end &&
    data[at] === 0x6e &&
    data[at + 1] === 0x75 &&
    data[at + 2] === 0x6c &&
    data[at + 3] === 0x6c
  )
}

/** `true` or `false`; which one, the first byte says. */
export function booleanEnd(data: Uint8Array, at: number, end: number): number {
  if (data[at] === 0x74) {
    const isTrue =
      at + 4 <= end && data[at + 1] === 0x72 && data[at + 2] === 0x75 && data[at + 3] === 0x65
    return isTrue ? at + 4 : FAULT
  }
  const isFalse =
    at + 5 <= end &&
    data[at] === 0x66 &&
    data[at + 1] === 0x61 &&
    data[at + 2] === 0x6c &&
    data[at + 3] === 0x73 &&
    data[at + 4] === 0x65
  return isFalse ? at + 5 : FAULT
}

/** Any value; `depth` objects and arrays are around it. */
export function valueEnd(data: Uint8Array, at: number, end: number, depth: number): number {
  if (at >= end) return FAULT
  switch (data[at]) {
    case 0x22: {
      const close = stringEnd(data, at + 1, end)
      if (close === FAULT) return FAULT
      return (close < 0 ? ~close : close) + 1
    }
    case 0x7b:
      return depth < JSON_DEPTH_MAX ? objectEnd(data, at, end, depth + 1) : FAULT
    case 0x5b:
      return depth < JSON_DEPTH_MAX ? arrayEnd(data, at, end, depth + 1) : FAULT
    case 0x6e:
      return isNull(data, at, end) ? at + 4 : FAULT
    case 0x74:
    case 0x66:
      return booleanEnd(data, at, end)
    default:
      return numberEnd(data, at, end)
  }
}

function objectEnd(data: Uint8Array, from: number, end: number, depth: number): number {
  let at = blankEnd(data, from + 1, end)
  if (at < end && data[at] === 0x7d) return at + 1
  for (;;) {
    at = labelEnd(data, at, end)
    if (at === FAULT) return FAULT
    at = valueEnd(data, blankEnd(data, at, end), end, depth)
    if (at === FAULT) return FAULT
    at = blankEnd(data, at, end)
    if (at >= end) return FAULT
    if (data[at] === 0x7d) return at + 1
    if (data[at] !== 0x2c) return FAULT
    at = blankEnd(data, at + 1, end)
  }
}

function arrayEnd(data: Uint8Array, from: number, end: number, depth: number): number {
  let at = blankEnd(data, from + 1, end)
  if (at < end && data[at] === 0x5d) return at + 1
  for (;;) {
    at = valueEnd(data, at, end, depth)
    if (at === FAULT) return FAULT
    at = blankEnd(data, at, end)
    if (at >= end) return FAULT
    if (data[at] === 0x5d) return at + 1
    if (data[at] !== 0x2c) return FAULT
    at = blankEnd(data, at + 1, end)
  }
}

/** A name with its colon. */
function labelEnd(data: Uint8Array, at: number, end: number): number {
  if (at >= end || data[at] !== 0x22) return FAULT
  const close = stringEnd(data, at + 1, end)
  if (close === FAULT) return FAULT
  const colon = blankEnd(data, (close < 0 ? ~close : close) + 1, end)
  return colon < end && data[colon] === 0x3a ? colon + 1 : FAULT
}
