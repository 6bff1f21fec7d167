/** The commands of the verifier. */
import { crash } from './crash/crash-command.ts'
import { engine } from './engine/engine-command.ts'
import { fetch } from './fetch/fetch-command.ts'
import { simulate } from './simulate/simulate-command.ts'
import { UsageError, type World } from './world.ts'

type Command = (args: readonly string[], world: World) => Promise<number>

const COMMANDS: Readonly<Record<string, Command>> = { crash, engine, fetch, simulate }

/** Runs a command; gives the exit code. @throws UsageError */
export async function verify(args: readonly string[], world: World): Promise<number> {
  const [name = '', ...rest] = args
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) throw new UsageError(`commands: ${Object.keys(COMMANDS).join(', ')}`)
  return command(rest, world)
}
