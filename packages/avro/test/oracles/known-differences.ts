/**
 * Where other implementations are known to differ; the guide has the list, and
 * `avsc-differs.test.ts` shows each entry of avsc.
 */
import type { Outcome } from './oracle.ts'

export interface Judge {
  /** Whether a difference is one of those that are known. `parts` are of the case. */
  isKnown(theirs: Outcome, ours: Outcome, parts: readonly string[]): boolean
  /** A value of a union is written into the first branch that it fits. */
  readonly takesFirstBranch?: boolean
}

/** Whether two leaves of what is told are known to differ. */
type Leaves = (theirs: Leaf, ours: Leaf) => boolean

interface Leaf {
  readonly i?: string
  readonly d?: string
  readonly s?: string
  readonly b?: string
  readonly us?: string
}

/**
 * Java repairs bytes that are no UTF-8 where they are promoted to text, and takes an array or map
 * whose items do not match as long as it is empty; we refuse both. It finds no type of another
 * namespace in a union, nor the aliases of its fields. Of logical types it does not know UUIDs of
 * fixed; of two decimals or times of day in a union it writes
 * the first.
 */
export const JAVA: Judge = {
  isKnown: (theirs, ours, parts) => {
    if ('e' in ours) return 'v' in theirs && /UTF-8|(array|map) of/.test(ours.e)
    if ('v' in theirs) return differsIn(isUuid, isOfOtherScale, isCut)(theirs, ours)
    if (theirs.e.includes('Cannot encode decimal with scale')) return true
    return parts.includes('rule: type in another namespace') && /expecting/.test(theirs.e)
  },
}

/**
 * fastavro promotes a whole number to a float without rounding it to one, and bytes to text not
 * everywhere; it leaves the default of bytes as text, and UUIDs of fixed as bytes; among branches
 * of a union it prefers text to bytes; a value that is promoted keeps the logical type of its
 * writer.
 */
export const FASTAVRO: Judge = {
  takesFirstBranch: true,
  isKnown: (theirs, ours) => {
    if ('e' in theirs) return theirs.e.startsWith('UnicodeDecodeError')
    return differsIn(isRounded, isTextOfBytes, isUuid, isTime, isDecimal)(theirs, ours)
  },
}

export const AVSC: Judge = {
  isKnown: (theirs, ours) => {
    if ('e' in theirs) return /cannot read |no alias found|reading 'length'/.test(theirs.e)
    if ('e' in ours) return ours.e.includes('UTF-8')
    return differsIn(isRounded, isWithoutSign, isTextOfBytes)(theirs, ours)
  },
}

function differsIn(...known: readonly Leaves[]) {
  const isKnown = (theirs: unknown, ours: unknown): boolean => {
    if (JSON.stringify(theirs) === JSON.stringify(ours)) return true
    const lists = [childrenOf(theirs), childrenOf(ours)] as const
    if (lists[0] === null || lists[1] === null) {
      return known.some(each => each((theirs ?? {}) as Leaf, (ours ?? {}) as Leaf))
    }
    const [list, other] = lists
    return list.length === other.length && list.every((each, i) => isKnown(each, other[i]))
  }
  return isKnown
}

/** Those of a list, of a record or map, of an outcome; null for a leaf. */
function childrenOf(told: unknown): readonly unknown[] | null {
  if (typeof told !== 'object' || told === null) return null
  if (Array.isArray(told)) return told
  const { m, v } = told as { readonly m?: unknown[]; readonly v?: unknown }
  return m ?? (v === undefined ? null : [v])
}

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

const isUuid: Leaves = ({ b }, { s }) =>
  s !== undefined && UUID.test(s) && b === s.replaceAll('-', '')

const isTextOfBytes: Leaves = (theirs, ours) => {
  const text = theirs.s ?? ours.s
  // The one default of bytes that is made here is no ASCII.
  const encoding = text === '\u00ff\u0001' ? 'latin1' : 'utf8'
  const bytes = theirs.b ?? ours.b
  return text !== undefined && bytes === Buffer.from(text, encoding).toString('hex')
}

const isRounded: Leaves = (theirs, ours) => {
  return numberOf(theirs)?.toPrecision(5) === numberOf(ours)?.toPrecision(5)
}

const isWithoutSign: Leaves = (theirs, ours) => {
  const [a, b] = [Math.abs(numberOf(theirs) ?? 0), Math.abs(numberOf(ours) ?? 1)]
  return a >= 2 ** 53 && a.toPrecision(5) === b.toPrecision(5)
}

const isTime: Leaves = ({ us }, ours) => {
  const number = numberOf(ours)
  return us !== undefined && [1, 1000].some(unit => Number(us) === Number(number) * unit)
}

const isOfOtherScale: Leaves = ({ s: a }, { s: b }) =>
  a !== undefined && b !== undefined && /\.\d+$/.test(a) && a.replace(/0+$/, '') === b

const isCut: Leaves = ({ us: a }, { us: b }) => {
  return b !== undefined && a === String(BigInt(b) - (BigInt(b) % 1_000n))
}

const isDecimal: Leaves = ({ b }, { s }) => {
  if (b === undefined || s === undefined || b === '') return false
  return String(BigInt.asIntN(b.length * 4, BigInt(`0x${b}`))) === s.replace('.', '')
}

function numberOf({ i, d }: Leaf): number | undefined {
  if (i !== undefined) return Number(i)
  if (d === 'nan') return Number.NaN
  return d === undefined ? undefined : Buffer.from(d, 'hex').readDoubleBE(0)
}
