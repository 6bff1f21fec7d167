import { verify } from './verify.ts'
import { UsageError, type World } from './world.ts'

/** Runs a command at a terminal: Ctrl-C ends everything it has started, then itself. */
export async function runVerify(args: readonly string[], broker: World['broker']): Promise<number> {
  const stop = new AbortController()
  const onSignal = (name: string): void => stop.abort(new Error(`stopped by ${name}`))
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, onSignal)
  const say = (line: string): void => console.log(line)
  try {
    return await verify(args, { broker, signal: stop.signal, say })
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    const isUsage = error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS') === true
    console.error(stop.signal.aborted || isUsage ? message : error)
    return isUsage ? 2 : 1
  }
}
