/**
 * Values of a type from a seed, in the exact form, with the ends of every range among them.
 *
 * Logical types get values that other implementations can hold too: dates within Python's years,
 * times within a day.
 */
import {
  type AvroType,
  type FixedType,
  nameOf,
  type PrimitiveType,
} from '../src/avro-schema/avro-type.ts'
import { EXACT_FORM, isWrapped } from '../src/codec/value-form.ts'
import type { Random } from './random.ts'

const INTS = [0, 1, -1, 63, 64, -64, -65, 8191, 8192, 2 ** 31 - 1, -(2 ** 31)]
const LONGS = [
  0n,
  -1n,
  2n ** 31n,
  -(2n ** 31n) - 1n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  9007199791611905n,
]
const DOUBLES = [0, -0, 1.5, -1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, 1 / 3, 2 ** 53]
const TEXTS = ['', 'a', 'naïve', '日本語', '😀', 'x'.repeat(70), '\u0000', '"quoted"\n']

export function generatedValue(type: AvroType, random: Random, depth = 0): unknown {
  switch (type.kind) {
    case 'null':
      return null
    case 'boolean':
      return random.chance(0.5)
    case 'int':
      return intOf(type, random)
    case 'long':
      return longOf(type, random)
    case 'float':
      return Math.fround(random.pick(DOUBLES))
    case 'double':
      return random.chance(0.5) ? random.pick(DOUBLES) : random.next() * 1e6
    case 'string':
      return type.logical?.kind === 'uuid' ? uuid(random) : random.pick(TEXTS)
    case 'bytes':
    case 'fixed':
      return bytesOf(type, random)
    case 'enum':
      return random.pick(type.symbols)
    case 'array':
      return listOf(random, depth, () => generatedValue(type.items, random, depth + 1))
    case 'map': {
      const entries = listOf(random, depth, i => [
        random.pick(['k', 'ключ', '', '__proto__']) + i,
        generatedValue(type.values, random, depth + 1),
      ])
      return Object.fromEntries(entries as [string, unknown][])
    }
    case 'record': {
      const entries = type.fields.map(field => [
        field.name,
        generatedValue(field.type, random, depth + 1),
      ])
      return Object.fromEntries(entries)
    }
    case 'union': {
      // Deep down only what ends.
      const ends = type.branches.filter(branch => branch.kind !== 'record')
      const branch = random.pick(depth > 4 && ends.length > 0 ? ends : type.branches)
      const value = generatedValue(branch, random, depth + 1)
      if (branch.kind === 'null' || !isWrapped(type, EXACT_FORM)) return value
      return { [nameOf(branch)]: value }
    }
  }
}

function listOf(random: Random, depth: number, make: (i: number) => unknown): unknown[] {
  const length = depth > 4 ? 0 : random.below(4)
  return Array.from({ length }, (_, i) => make(i))
}

function intOf({ logical }: PrimitiveType, random: Random): number {
  if (logical?.kind === 'date') return random.below(30_000) - 5_000
  if (logical?.kind === 'time-millis') return random.below(86_400_000)
  return random.chance(0.5) ? random.pick(INTS) : random.below(2 ** 32) - 2 ** 31
}

function longOf({ logical }: PrimitiveType, random: Random): bigint | number {
  const seconds = random.below(2_000_000_000) - 500_000_000
  const part = BigInt(random.below(1_000_000_000))
  switch (logical?.kind) {
    case 'timestamp-millis':
      return seconds * 1_000 + random.below(1_000)
    case 'local-timestamp-millis':
      return BigInt(seconds * 1_000 + random.below(1_000))
    case 'timestamp-micros':
    case 'local-timestamp-micros':
      return BigInt(seconds) * 1_000_000n + part / 1_000n
    case 'timestamp-nanos':
    case 'local-timestamp-nanos':
      return BigInt(seconds) * 1_000_000_000n + part
    case 'time-micros':
      return BigInt(random.below(86_400)) * 1_000_000n + part / 1_000n
    default:
      return random.chance(0.6) ? random.pick(LONGS) : BigInt(random.below(2 ** 32)) - 2n ** 31n
  }
}

function bytesOf(type: PrimitiveType | FixedType, random: Random): unknown {
  switch (type.logical?.kind) {
    case 'decimal':
      return decimal(type.logical.precision, type.logical.scale, random)
    case 'uuid':
      return uuid(random)
    case 'duration':
      return { months: random.below(2 ** 32), days: random.below(99), milliseconds: 0xffff_ffff }
    default: {
      const size = type.kind === 'fixed' ? type.size : random.below(6)
      return Buffer.from(Array.from({ length: size }, () => random.below(256)))
    }
  }
}

function decimal(precision: number, scale: number, random: Random): string {
  const digits = Array.from({ length: 1 + random.below(precision) }, () => random.below(10)).join(
    '',
  )
  const value = BigInt(digits)
  const padded = String(value).padStart(scale + 1, '0')
  const sign = value > 0n && random.chance(0.5) ? '-' : ''
  return `${sign}${padded.slice(0, padded.length - scale)}.${padded.slice(padded.length - scale)}`
}

function uuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.below(16).toString(16)).join('')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-')
}
