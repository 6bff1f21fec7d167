/**
 * Scans made of their source, kept for the next decoder of the same fields.
 *
 * Source comes from plans only, never from records. Where code must not be made from strings, or
 * would be too long, there is no scan, and the clear decoder reads everything.
 */
import { generatedFunction } from '../../util/generated-function.ts'
import { DECIMAL, decimalEnd } from './decimal-scan.ts'
import { type FieldPlan, isNested } from './field-values.ts'
import {
  blankEnd,
  booleanEnd,
  FAULT,
  isBase64,
  isNull,
  numberEnd,
  stringEnd,
  valueEnd,
} from './lexer.ts'
import { type NestedReader, nestedReader } from './nested-reader.ts'
import { doubleEnd, int32End, longEnd, NUMBER, safeEnd, WORDS } from './number-scan.ts'
import type { AnyScanCells } from './scan-cells.ts'
import { scanCode } from './scan-code.ts'
import { timeScan } from './time-scan.ts'

/**
 * Scans records from index `from` on into the cells; gives the index of the first record that it
 * leaves to the clear decoder, or `count`.
 */
export type Scan = (
  data: Buffer,
  view: DataView,
  start: Int32Array,
  size: Int32Array,
  from: number,
  count: number,
  cells: readonly AnyScanCells[],
) => number

/** What the source may use, by name. */
type ScanParts = Readonly<Record<string, unknown>>

export const SCAN_PARTS: ScanParts = {
  DECIMAL,
  FAULT,
  NUMBER,
  WORDS,
  blankEnd,
  booleanEnd,
  decimalEnd,
  doubleEnd,
  int32End,
  isBase64,
  isNull,
  longEnd,
  numberEnd,
  safeEnd,
  stringEnd,
  valueEnd,
  timeEnd_any: timeScan(undefined),
  timeEnd_s: timeScan('s'),
  timeEnd_ms: timeScan('ms'),
  timeEnd_us: timeScan('us'),
  timeEnd_ns: timeScan('ns'),
}

/** More fields make a function that the engine no longer optimises. */
const FIELDS_MAX = 100

type ScanFactory = (...parts: unknown[]) => Scan

/** Of each factory its scan, which goes with it. */
const scans = new WeakMap<ScanFactory, Scan>()

/** Null when these fields cannot be scanned. */
export function compiledScan(fields: readonly FieldPlan[]): Scan | null {
  if (fields.length > FIELDS_MAX) return null
  const names = [...Object.keys(SCAN_PARTS), 'nested']
  const factory = generatedFunction<ScanFactory>(names, scanCode(fields))
  if (factory === null) return null
  const scan = scans.get(factory) ?? factory(...Object.values(SCAN_PARTS), nestedReaders(fields))
  scans.set(factory, scan)
  return scan
}

/** The scan of some source and parts, for tests that spoil them. */
export function compile(code: string, parts: ScanParts, fields: readonly FieldPlan[]): Scan {
  const names = [...Object.keys(parts), 'nested']
  const factory = generatedFunction<ScanFactory>(names, code) as ScanFactory
  return factory(...Object.values(parts), nestedReaders(fields))
}

function nestedReaders(fields: readonly FieldPlan[]): (NestedReader | null)[] {
  return fields.map(({ type }) => (isNested(type) ? nestedReader(type) : null))
}
