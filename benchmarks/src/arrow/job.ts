/** What a program that writes a topic into files is told. */
import { textsOf } from '../peers/job.ts'

/**
 * `ceiling`: fetches, and scans every field into columns; no pipeline, nothing written. `builders`:
 * a loop by hand over the builders of apache-arrow into IPC files. `ipc`, `parquet`: Millrace;
 * `disk`: as `ipc`, on a disk. `quix`: the Parquet file sink of Quix Streams.
 */
export const WRITER_NAMES = ['ceiling', 'builders', 'ipc', 'disk', 'parquet', 'quix'] as const
export type WriterName = (typeof WRITER_NAMES)[number]

export interface FilesJob {
  readonly bootstrap: string
  readonly id: string
  readonly writer: WriterName
  readonly input: string
  /** For the files, not there yet. */
  readonly folder: string
  /** `measure`: ends as soon as `records` are processed. `check`: with all of them in files. */
  readonly mode: 'measure' | 'check'
  /** Records before the measured part. */
  readonly warmup: number
  /** Records in all, with those of the warm-up. */
  readonly records: number
  readonly commitMs: number
}

export function filesJobOf(args: readonly string[]): FilesJob {
  const text = textsOf<FilesJob>(args)
  return {
    ...text,
    writer: text.writer as WriterName,
    mode: text.mode as FilesJob['mode'],
    warmup: Number(text.warmup),
    records: Number(text.records),
    commitMs: Number(text.commitMs),
  }
}
