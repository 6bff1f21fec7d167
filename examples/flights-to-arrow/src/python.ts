/** Programs in `python/`, run beside the pipeline. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface PythonOptions {
  /** The interpreter: a path or a name. */
  readonly python: string
  /** Aborted: end it. */
  readonly signal: AbortSignal
}

/** Gives each line that the program prints to `heard`; resolves when it has ended well. */
export async function runPython(
  program: string,
  args: readonly string[],
  { python, signal }: PythonOptions,
  heard: (line: string) => void,
): Promise<void> {
  const path = fileURLToPath(new URL(`../python/${program}`, import.meta.url))
  const child = spawn(python, [path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
    // Ctrl+C at the terminal is for us, who end it then.
    detached: true,
  })
  const closed = once(child, 'close')
  createInterface(child.stdout).on('line', heard)
  const [code] = await closed.catch(error => [error.code])
  if (code === 0 || signal.aborted) return
  throw new Error(
    `${program} ended with ${code}. It needs Python with pyarrow and scikit-learn ` +
      `(pip install pyarrow scikit-learn); this was ${python}, and --python names another one.`,
  )
}
