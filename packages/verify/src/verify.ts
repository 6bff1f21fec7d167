/** The commands of the verifier. */
import { crash } from './crash/crash-command.ts'

/** What a command is run in. */
export interface World {
  /** A broker that belongs to the run; null = the user names one. */
  readonly broker: {
    readonly bootstrap: string
    /** Takes it down and up again. */
    readonly bounce: () => Promise<void>
  } | null
  /** Aborted: end everything and go. */
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** What the user wrote cannot be done; the text says why. */
export class UsageError extends Error {}

type Command = (args: readonly string[], world: World) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = { crash }

/** Runs a command; gives the exit code. @throws UsageError */
export async function verify(args: readonly string[], world: World): Promise<number> {
  const [name = '', ...rest] = args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(`commands: ${Object.keys(COMMANDS).join(', ')}`)
  return command(rest, world)
}
