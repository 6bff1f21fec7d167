import type { StreamingDataFrame } from '../../../api/streaming-data-frame.ts'
import type { Sale, SaleRow } from './sale.ts'

/** What a program does with its results. */
interface Ends {
  /** Writes them to the topic `output` and to the sink. */
  results<R>(frame: StreamingDataFrame<R>): void
  /** Writes late sales to the topic `late`. */
  late(frame: StreamingDataFrame<SaleRow>): void
}

/** A program that is simulated, and what it must come to. */
export interface Program {
  readonly name: string
  /** The input's key is the user. */
  readonly isKeyed: boolean
  /** The input is read as a source outside Kafka, which is resumed. */
  readonly isSourced?: true
  /** Every result comes once; else only the last of its name counts. */
  readonly isFinal: boolean
  /** Late records go to a topic of their own. */
  readonly partsLate: boolean
  /** Results are known also where the clock decides that time goes on. */
  readonly knowsSilence: boolean
  build(sales: StreamingDataFrame<SaleRow>, ends: Ends): void
  /** A result: its name, and what is compared. */
  read(row: Readonly<Record<string, unknown>>): readonly [name: string, value: string]
  /** All results by name that follow from records in time, up to a horizon of event time. */
  expected(sales: readonly Sale[], horizon: number): ReadonlyMap<string, string>
}

/** Reads a window of `who`. */
export function readWindow(who: string): Program['read'] {
  return row => [`${row[who]}@${row['window_start']}`, `${row['n']}/${row['total']}`]
}
