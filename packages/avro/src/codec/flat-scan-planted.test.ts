/** Bugs planted into the scan in WebAssembly, each of which the trials find. */
import { describe, expect, test } from 'vitest'
import { compilePlanted, SOURCE } from '../../test/flat-compiler.ts'
import { FLAT_TRIALS, isDifferent } from '../../test/flat-trials.ts'
import { FlatScanMemory } from './flat-scan-memory.ts'

const PLANTED: readonly (readonly [name: string, from: string, to: string])[] = [
  ['null records keep what was before', 'if (isNull) setNull(step, index)', 'if (isNull) continue'],
  [
    'bytes behind the record are ignored',
    '=== end && end !== NOWHERE',
    '!== NOWHERE && end !== NOWHERE',
  ],
  ['values may end behind the record', 'behind > end ? NOWHERE : behind', 'behind'],
  ['a null in a union is no null', 'setNull(step, index)\n      return at', 'return at'],
  ['a branch that is not there is taken', ' || <u64>word >= branches', ''],
  ['branches are one off', '(<usize>word + 1) * STEP_BYTES', '<usize>word * STEP_BYTES'],
  ['a boolean may be any byte', 'if (byte > 1) return 0', ''],
  ['a boolean overwrites its neighbours', '<u32>load<u8>(place) | (byte', '(byte'],
  ['a symbol may be any number', ' || <u64>word >= <u64>load<u32>(step, SIZE)', ''],
  ['a symbol that the reader does not have is taken', 'if (start >= 0) return 0', ''],
  ['bytes may reach beyond the record', ' || <u64>word > <u64>(end - from)', ''],
  [
    'long text is not checked to be UTF-8',
    'load<i32>(step) === TEXT && !isText',
    'false && !isText',
  ],
  ['short text is not checked to be UTF-8', 'size <= SHORT && others === 0', 'size <= SHORT'],
  ['the last bytes of text are not checked', 'others &= (1 << (<i32>left)) - 1', 'others = 0'],
  [
    'a character may end behind its text',
    'if (at === 0 || at > end) return false\n  }\n  return true',
    'if (at === 0) return false\n  }\n  return true',
  ],
  [
    'short numbers have no sign',
    'return <i64>(bits >> 1) ^ -(<i64>(bits & 1))',
    'return <i64>(bits >> 1)',
  ],
  ['numbers of nine bytes have no ninth', '((ninth & 0x7f) << 56)', '0'],
  ['numbers of ten bytes have no tenth', ' | (tenth << 63)', ''],
  ['numbers of ten bytes may have more bits', 'if (tenth > 1) return 0', ''],
  ['bits of four bytes are four', '(fours & 0x0fffffff00000000) >> 4', '0'],
  ['an int may be as long as a long', 'return i32.MAX_VALUE', 'return i64.MAX_VALUE'],
  ['a float is a double', 'return at + 4', 'return at + 8'],
  ['a long that becomes a double is one of bits', ' || kind === LONG_AS_DOUBLE', ''],
  [
    'numbers beyond 2^53 are taken',
    'if (kind === SAFE) return SAFE_MAX',
    'if (kind === SAFE) return i64.MAX_VALUE',
  ],
  ['times of any size are taken', 'word <= TIME_MAX && word >= -TIME_MAX', 'true'],
  ['times are cut towards zero', 'word % units < 0 ? quotient - 1 : quotient', 'quotient'],
  ['times are in milliseconds', 'units !== 1', 'false'],
  ['times of milliseconds are of any size', 'kind === TIME ? TIME_MAX', 'kind === -1 ? TIME_MAX'],
  ['the least number is that of an int', 'kind === SAFE || kind === TIME ? -', 'false ? -'],
  ['a record is alike by its bytes', ' - start !== size', ' === NOWHERE'],
  ['nulls are alike', 'start === NOWHERE || ', ''],
  ['the last bytes of a record are always alike', 'i < size; i', 'i + 16 < size; i'],
  ['text alike is not checked', 'memory.fill(mask + (from - first), HIGH_BIT, size)', ''],
  ['text alike is as the first one', 'memory.fill(model + (from - first), 0, size)', ''],
  ['texts of any size are alike', 'from = longEnd(at, end, SAME)', 'from = longEnd(at, end, 0)'],
  ['any branches are alike', 'at = longEnd(at, end, SAME)', 'at = longEnd(at, end, 0)'],
  ['numbers of any size are alike', 'longEnd(at, end, HIGH_BIT)', 'longEnd(at, end, 0)'],
  [
    'what is alike is valid',
    '=== NOWHERE) return false\n  }\n  return',
    '=== 1) return false\n  }\n  return',
  ],
  ['what is not kept is valid', 'find(step, at, 0)\n      return kind', 'return kind'],
  [
    'nulls are as if they were there',
    'store<u8>(place, <u32>load<u8>(place) & ~(1 << (index & 7)))\n}',
    '}',
  ],
]

describe('planted bugs are found', () => {
  test.each(PLANTED)(
    '%s',
    async (_, from, to) => {
      const { bytes, isPlanted } = await compilePlanted(SOURCE, from, to)
      expect(isPlanted).toBe(true)
      const spoilt = new FlatScanMemory(bytes)
      expect(FLAT_TRIALS.some(trial => isDifferent(trial, spoilt))).toBe(true)
    },
    120_000,
  )
})
