/** What each program of a system under measure is told: the same arguments for all of them. */
export interface PeerJob {
  readonly bootstrap: string
  readonly id: string
  readonly pipeline: PipelineName
  readonly input: string
  /** Of the schemas of the input, which then is Avro; missing: it is JSON. */
  readonly registry?: string
  readonly output: string
  /** A folder for state, not there yet. */
  readonly state: string
  /**
   * `measure`: ends as soon as `records` are processed. `check`: ends in order, with every output
   * written. `serve`: ends when its standard input does.
   */
  readonly mode: 'measure' | 'check' | 'serve'
  /** Records before the measured part. */
  readonly warmup: number
  /** Records in all, with those of the warm-up. */
  readonly records: number
  readonly commitMs: number
  readonly lingerMs: number
}

export const PIPELINE_NAMES = [
  'read',
  'half',
  'map',
  'tumbling',
  'where-tumbling',
  'hopping',
  'repartition',
] as const

/**
 * `read`: where, nothing passes. `half`: where, a new column, half of the records produced. `map`:
 * a function of every field, then nothing passes. `tumbling`, `hopping`: count, sum and mean per
 * user and 10 s, final, with durable state. `where-tumbling`: `tumbling` of half of the records.
 * `repartition`: the same as `tumbling` per page.
 */
export type PipelineName = (typeof PIPELINE_NAMES)[number]

/** `name=value`, one argument each. */
export function argsOf(job: object): string[] {
  const given = Object.entries(job).filter(([, value]) => value !== undefined)
  return given.map(([name, value]) => `${name}=${value}`)
}

/** The texts that `argsOf` has made arguments of. */
export function textsOf<Job>(args: readonly string[]): Record<keyof Job, string> {
  const pairs = args.map(arg => {
    const at = arg.indexOf('=')
    return [arg.slice(0, at), arg.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs) as Record<keyof Job, string>
}

export function jobOf(args: readonly string[]): PeerJob {
  const text = textsOf<PeerJob>(args)
  return {
    ...text,
    pipeline: text.pipeline as PipelineName,
    mode: text.mode as PeerJob['mode'],
    warmup: Number(text.warmup),
    records: Number(text.records),
    commitMs: Number(text.commitMs),
    lingerMs: Number(text.lingerMs),
  }
}
