/**
 * Scans made of their source, kept for the next decoder of the same fields.
 *
 * Source comes from plans only, never from records. Where code must not be made from strings
 * (`node --disallow-code-generation-from-strings`) there is no scan.
 */
import type { FieldPlan } from './field-values.ts'
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
  FAULT,
  NUMBER,
  WORDS,
  blankEnd,
  booleanEnd,
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
const SCANS_MAX = 256

const scans = new Map<string, Scan>()

/** Null when these fields cannot be scanned. */
export function compiledScan(fields: readonly FieldPlan[]): Scan | null {
  if (fields.length > FIELDS_MAX || !canCompile()) return null
  const code = scanCode(fields)
  let scan = scans.get(code)
  if (scan === undefined) {
    scan = compile(code)
    if (scans.size >= SCANS_MAX) scans.delete(scans.keys().next().value as string)
    scans.set(code, scan)
  }
  return scan
}

/** The scan of some source. */
export function compile(code: string, parts: ScanParts = SCAN_PARTS): Scan {
  return new Function(...Object.keys(parts), code)(...Object.values(parts)) as Scan
}

let isCompiling: boolean | undefined

function canCompile(): boolean {
  if (isCompiling === undefined) {
    try {
      isCompiling = new Function('return true')() as boolean
    } catch {
      isCompiling = false
    }
  }
  return isCompiling
}
