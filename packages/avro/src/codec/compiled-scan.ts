/** Scans made of their source. Source comes from plans only, never from records. */
import { generatedFunction } from '@millrace/core'
import type { AnyAvroCells, ValueCells } from './avro-cells.ts'
import { type ScanCode, scanCode } from './scan-code.ts'
import type { ScanPlan } from './scan-plan.ts'
import { SCAN_PARTS } from './scan-primitives.ts'

/**
 * Scans records from index `from` on, values behind `head` bytes; gives the index of the first
 * record that it leaves to the clear decoder, or `count`.
 */
export type Scan = (
  data: Buffer,
  view: DataView,
  start: Int32Array,
  size: Int32Array,
  from: number,
  count: number,
  cells: readonly AnyAvroCells[],
  rest: ValueCells | null,
  head: number,
) => number

type ScanFactory = (...parts: unknown[]) => Scan

/** Null where code must not be made from text, or would be too long. */
export function compiledScan(plan: ScanPlan): Scan | null {
  return compile(scanCode(plan), SCAN_PARTS)
}

/** The scan of some source and parts; tests spoil them. */
export function compile({ code, constants }: ScanCode, parts: typeof SCAN_PARTS): Scan | null {
  const names = [...Object.keys(parts), 'constants']
  const factory = generatedFunction<ScanFactory>(names, code)
  return factory === null ? null : factory(...Object.values(parts), constants)
}
