export interface ScalingJob {
  readonly bootstrap: string
  readonly id: string
  readonly input: string
  readonly output: string
  /** A folder. */
  readonly state: string
  readonly processes: number
}

export interface ScalingSample {
  readonly atMs: number
  /** In each partition. */
  readonly positions: readonly number[]
  /** That have a partition. */
  readonly processes: number
}
