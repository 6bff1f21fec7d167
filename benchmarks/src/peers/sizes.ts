/**
 * How many records each system gets in each case, so that *it* runs long enough; learned from short
 * runs and remembered between matrices.
 */
import { readJson, replaceFile } from './results-file.ts'

/** The measured part has to last as long. */
export const MEASURED_S_MIN = 10
/** What is aimed at, so that a somewhat faster run is still long enough. */
const MEASURED_S = 11.5
/** Caches fill and code is compiled; not measured. */
const WARMUP_S = 2.5
const RECORDS_MIN = 20_000
/** No topic is longer: about 4 GB of records. */
export const RECORDS_MAX = 60_000_000

export interface Size {
  readonly warmup: number
  readonly records: number
}

/** For a system of this rate. */
export function sizeFor(rate: number): Size {
  const bounded = Math.min(rate, RECORDS_MAX / (WARMUP_S + MEASURED_S))
  const records = Math.max(RECORDS_MIN, Math.ceil(bounded * (WARMUP_S + MEASURED_S)))
  return { warmup: Math.ceil((records * WARMUP_S) / (WARMUP_S + MEASURED_S)), records }
}

/** Of a case by the system's name, in a file. */
export class RateMemory {
  readonly #path: string
  readonly #rates: Record<string, number>

  constructor(path: string) {
    this.#path = path
    this.#rates = (readJson(path) ?? {}) as Record<string, number>
  }

  get(caseName: string, system: string): number | undefined {
    const rate = this.#rates[`${caseName} ${system}`]
    return rate !== undefined && rate > 0 ? rate : undefined
  }

  set(caseName: string, system: string, rate: number): void {
    this.#rates[`${caseName} ${system}`] = rate
    replaceFile(this.#path, this.#rates)
  }
}
