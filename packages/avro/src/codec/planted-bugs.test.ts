/** Bugs planted in generated scans, each of which the comparison with the clear decoder finds. */
import { describe, expect, test } from 'vitest'
import { differenceIn, scanTrials } from '../../test/codec-case.ts'
import { compile, type Scan } from './compiled-scan.ts'
import { isText } from './cursor.ts'
import { scanCode } from './scan-code.ts'
import type { ScanPlan } from './scan-plan.ts'
import { SCAN_PARTS } from './scan-primitives.ts'

const TRIALS = [...scanTrials(1, 300)]

type Compile = (plan: ScanPlan) => Scan | null

/** A part of the source taken for another; how often it was there is counted. */
function bySource(from: string | RegExp, to: string): { compile: Compile; spoilt: () => number } {
  let spoilt = 0
  const compileSpoilt: Compile = plan => {
    const { code, constants } = scanCode(plan)
    const other = code.replaceAll(from, to)
    if (other !== code) spoilt++
    return compile({ code: other, constants }, SCAN_PARTS)
  }
  return { compile: compileSpoilt, spoilt: () => spoilt }
}

function byPart(parts: Readonly<Record<string, unknown>>): ReturnType<typeof bySource> {
  const compileSpoilt: Compile = plan => compile(scanCode(plan), { ...SCAN_PARTS, ...parts })
  return { compile: compileSpoilt, spoilt: () => 1 }
}

type End = (data: Buffer, at: number, end: number) => number

const WORDS = SCAN_PARTS['WORDS'] as Int32Array
const longEnd = SCAN_PARTS['longEnd'] as End

/** The words of the long read last are spoilt. */
function afterLong(spoil: () => void): ReturnType<typeof bySource> {
  const end: End = (data, at, to) => {
    const behind = longEnd(data, at, to)
    if (behind >= 0) spoil()
    return behind
  }
  return byPart({ longEnd: end })
}

const bigintOf = (low: number, high: number) => (BigInt(high) << 32n) | BigInt(low >>> 0)

const PLANTED: Readonly<Record<string, ReturnType<typeof bySource>>> = {
  'null records keep what was before': bySource(
    /if \(size\[index\] < 0\) \{[^}]*\}/g,
    'if (size[index] < 0) continue',
  ),
  'bytes behind the record are ignored': bySource('if (at !== end) return index', ''),
  'a null in a union is no null': bySource(/case \d+: \{ cells\d+\.setNull\(index\)/g, 'case 0: {'),
  'a branch that is not there is skipped': bySource('default: return index', 'default: break'),
  'branches are one off': bySource(/switch \(low\) \{/g, 'switch (low + 1) {'),
  'a boolean may be any byte': bySource('if (low > 1) return index', ''),
  'a boolean overwrites its neighbours': bySource(' |= 1 << (index & 7)', ' = 1 << (index & 7)'),
  'a symbol may be any number': bySource(/if \(low < 0 \|\| low >= \d+\) return index/g, ''),
  'a symbol may be below zero': bySource('if (low < 0 || low >=', 'if (low >='),
  'symbols keep the numbers of their writer': bySource(/low = constants\[\d+\]\[low\]/g, ''),
  'a symbol that the reader does not have is taken': bySource(
    /(\[low\]\s)if \(low < 0\) return index/g,
    '$1',
  ),
  'a fixed may reach beyond the record': bySource(/if \(\d+ > end - at\) return index/g, ''),
  'a valid record is left to the clear decoder': bySource('low > end - at', 'low >= end - at'),
  'the upper half of a size is ignored': bySource('high !== 0 || ', ''),
  'text is not checked to be UTF-8': byPart({ isTextIn: () => true }),
  'the last bytes of text are not checked': byPart({
    isTextIn: (data: Buffer, _: DataView, start: number, end: number) => {
      return isText(data, start, end - ((end - start) % 4))
    },
  }),
  'text is one byte short': bySource(/= at - from(?=\s)/g, '= Math.max(0, at - from - 1)'),
  'small numbers have no sign': bySource('low = (low >>> 1) ^ -(low & 1)', 'low = low >>> 1'),
  'small longs are never below zero': bySource('high = low >> 31\n} else', 'high = 0\n} else'),
  'long numbers have no upper half': afterLong(() => {
    WORDS[1] = (WORDS[0] as number) >> 31
  }),
  'longs are doubles': afterLong(() => {
    const value = BigInt.asIntN(
      64,
      BigInt(Number(bigintOf(WORDS[0] as number, WORDS[1] as number))),
    )
    WORDS[0] = Number(BigInt.asIntN(32, value))
    WORDS[1] = Number(value >> 32n)
  }),
  'an int may be as long as a long': byPart({ intEnd: longEnd }),
  'a long may have eleven bytes': byPart({
    longEnd: ((data, at, end) => {
      let behind = at
      while (behind < end && (data[behind] as number) >= 0x80) behind++
      const known = longEnd(data, at, end)
      return known >= 0 || behind - at < 10 || behind >= end ? known : behind + 1
    }) satisfies End,
  }),
  'floats are read with their bytes turned round': bySource(
    /(getFloat\d+\(at), true/g,
    '$1, false',
  ),
  'a float takes no bytes': bySource(/at \+= 4(?=\s)/g, ''),
  'a long that becomes a float is not rounded': byPart({
    floatOf: (low: number, high: number) => Number(bigintOf(low, high)),
  }),
  'a long that becomes a float is rounded twice': byPart({
    floatOf: (low: number, high: number) => Math.fround(Number(bigintOf(low, high))),
  }),
  'a long that becomes a double has a signed lower half': bySource(
    '* 4294967296 + (low >>> 0)',
    '* 4294967296 + low',
  ),
  'numbers beyond 2^53 are taken': byPart({ isSafe: () => true }),
  'times of any size are taken': bySource(/if \(ms > 8.64e15[^\n]*/g, ''),
  'times in small units of any size are taken': bySource('if (ms !== ms) return index', ''),
  'times are cut towards zero': byPart({
    millisecondsOf: (low: number, high: number, units: number) => {
      return Number(bigintOf(low, high) / BigInt(units))
    },
  }),
  'decimals have any number of digits': byPart({ isDecimal: () => true }),
  'decimals lose a byte': bySource(
    /(setDecimal\(index, data, from), at/g,
    '$1, Math.max(from, at - 1)',
  ),
  'UUIDs are read as they stand': bySource(
    /cells(\d+)\.setUuid\(index, data, from, at\)/g,
    'values$1[index] = from; size$1[index] = at - from',
  ),
  'defaults are left out': bySource(/cells\d+\.put\(index, constants\[\d+\]\(\)\)/g, ''),
  'columns that the writer does not have are not null': bySource(
    /(if \(at !== end\) return index\s)(cells\d+\.setNull\(index\)\s)+/g,
    '$1',
  ),
  'nested values are not checked': bySource(
    /at = (constants\[\d+\])\(data, at, end\)\s+if \(at < 0\) return index/g,
    'at = $1(data, at, end); if (at < 0) at = end',
  ),
  'nested values of all writers are read alike': bySource(
    /by(\d+)\[index\] = .*/g,
    'by$1[index] = 0',
  ),
  'whole values are those of the first record': bySource(
    'rest.values[index] = start[index]',
    'rest.values[index] = start[from]',
  ),
}

describe('planted bugs are found', () => {
  test.each(Object.entries(PLANTED))(
    '%s',
    (_, { compile: spoiltCompile, spoilt }) => {
      expect(TRIALS.some(trial => differenceIn(trial, spoiltCompile) !== null)).toBe(true)
      expect(spoilt()).toBeGreaterThan(0)
    },
    120_000,
  )
})
