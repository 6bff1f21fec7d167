/**
 * `npm run bench -- avro [--only-codec | --only-pipelines]`; pipelines take `--only`, `--check` and
 * `--fresh` as those of the matrix.
 */
import type { Verdict } from '../benchmarks.ts'
import type { Lab } from '../lab.ts'
import { avroCodec } from './codec.ts'
import { avroPipelines } from './pipelines.ts'

export async function avroBenchmark(lab: Lab, args: readonly string[]): Promise<Verdict[]> {
  const codec = args.includes('--only-pipelines') ? [] : await avroCodec()
  const pipelines = args.includes('--only-codec') ? [] : await avroPipelines(lab, args)
  return [...codec, ...pipelines]
}
