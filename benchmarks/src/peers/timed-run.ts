/**
 * One run of one program: started, watched from outside, ended.
 *
 * The program says on standard output when its warm-up and when all its records are processed; at
 * these moments, as soon as they are heard, the CPU time of its process tree is read from /proc.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { RunFigures } from './comparison.ts'
import { type Usage, usageOfTree } from './process-tree.ts'
import type { Command } from './systems.ts'

const SAMPLE_MS = 250
/** Of what a program says on standard error, the end is kept. */
const STDERR_MAX = 4_000

type Said =
  | { readonly mark: 'warm' | 'done' }
  | { readonly records: number; readonly seconds: number; readonly cpuSeconds: number }

/** @param env over that of this process. */
export async function timedRun(
  { program, args }: Command,
  timeoutMs: number,
  env: Readonly<Record<string, string>> = {},
): Promise<RunFigures> {
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, MILLRACE_LOG: 'error', ...env },
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`${program} did not start`)
  const errors = endOf(child)
  const exited = exitOf(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  let rssBytesMax = 0
  const sampler = setInterval(() => {
    rssBytesMax = Math.max(rssBytesMax, usageOfTree(pid).rssBytes)
  }, SAMPLE_MS)
  const marks = new Map<string, Usage>()
  let figures: RunFigures | undefined
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = parsed(line)
      if (said !== undefined && 'mark' in said) marks.set(said.mark, usageOfTree(pid))
      if (said !== undefined && 'records' in said) {
        figures = { ...said, cpuSeconds: cpuBetween(marks), rssBytesMax }
      }
    }
    const code = await exited
    if (code === 0 && figures !== undefined) return figures
    const why = code === null ? `it was ended after ${timeoutMs} ms` : `exit code ${code}`
    throw new Error(`${program} gave no figures, ${why}:\n${errors()}`)
  } finally {
    clearTimeout(timer)
    clearInterval(sampler)
    child.kill('SIGKILL')
  }
}

function cpuBetween(marks: ReadonlyMap<string, Usage>): number {
  const [from, to] = [marks.get('warm'), marks.get('done')]
  if (from === undefined || to === undefined) throw new Error('a program left out a mark')
  return to.cpuSeconds - from.cpuSeconds
}

/** Lines that are not ours, of a log for example, are left out. */
function parsed(line: string): Said | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Said
  } catch {
    return undefined
  }
}

function endOf(child: ChildProcess): () => string {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-STDERR_MAX)
  })
  return () => text
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', resolve)
  })
}
