/** What a command is run in. */
export interface World {
  /** A broker that belongs to the run; null = the user names one. */
  readonly broker: {
    readonly bootstrap: string
    /** Takes it down and up again. */
    readonly bounce: () => Promise<void>
    /** Lets another broker lead each partition; missing: there is only one broker. */
    readonly moveLeaders?: (topic: string, partitionCount: number) => Promise<void>
  } | null
  /** Aborted: end everything and go. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** What the user wrote cannot be done; the text says why. */
export class UsageError extends Error {}
