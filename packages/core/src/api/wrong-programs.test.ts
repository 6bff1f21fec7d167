/**
 * Programs with a mistake, in `packages/core/test/wrong-programs`: each says in its first lines what
 * TypeScript answers and what the same program answers when it is run as JavaScript, and marks the
 * line with `// wrong`. `…` stands for any text; "no error" and "nothing" come with their reason.
 */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { MillraceError } from '../errors.ts'

const FOLDER = fileURLToPath(new URL('../../test/wrong-programs/', import.meta.url))
const PROGRAMS = readdirSync(FOLDER).filter(file => file.endsWith('.ts') && file !== 'shop.ts')

interface Program {
  readonly file: string
  readonly line: number
  readonly typescript: string | null
  readonly javascript: string | null
}

interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly text: string
}

function programOf(file: string): Program {
  const lines = readFileSync(join(FOLDER, file), 'utf8').split('\n')
  const said = (language: string): string => {
    const line = lines.find(each => each.startsWith(`// ${language}: `))
    return line?.slice(`// ${language}: `.length) ?? `(${file} does not say what ${language} does)`
  }
  const [typescript, javascript] = [said('TypeScript'), said('JavaScript')]
  return {
    file,
    line: lines.findIndex(each => each.endsWith('// wrong')) + 1,
    typescript: typescript.startsWith('nothing; ') ? null : typescript,
    javascript: javascript.startsWith('no error: ') ? null : javascript,
  }
}

/** What the compiler says of the programs, all at once; of other files it says elsewhere. */
function compile(): readonly Diagnostic[] {
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'))
  const args = [join(typescript, 'bin/tsc'), '--noEmit', '-p', FOLDER]
  let output = ''
  try {
    execFileSync(process.execPath, args, { cwd: FOLDER, encoding: 'utf8', stdio: 'pipe' })
  } catch (error) {
    output = (error as { readonly stdout: string }).stdout
  }
  const found: { file: string; line: number; text: string }[] = []
  for (const line of output.split('\n')) {
    const head = /^([\w-]+\.ts)\((\d+),\d+\): error (.*)$/.exec(line)
    const last = found.at(-1)
    if (head !== null) {
      found.push({ file: head[1] as string, line: Number(head[2]), text: head[3] ?? '' })
    } else if (last !== undefined && line.startsWith(' ')) last.text += `\n${line}`
  }
  return found
}

/** `a…b`: both parts, in this order. */
function saying(text: string): RegExp {
  const parts = text.split('…').map(part => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(parts.join('[^]*'))
}

/** The file and line that the first frame of a stack names. */
function firstFrame(error: Error): string {
  const frame = error.stack?.split('\n').find(line => line.startsWith('    at ')) ?? ''
  return /([\w.-]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? frame
}

async function run(file: string): Promise<unknown> {
  try {
    await import(pathToFileURL(join(FOLDER, file)).href)
    return null
  } catch (error) {
    return error
  }
}

const diagnostics = compile()
const programs = PROGRAMS.map(programOf)

test('there are more than twenty, each with its marked line', () => {
  expect(programs.length).toBeGreaterThan(20)
  expect(programs.filter(({ line }) => line === 0)).toEqual([])
})

test('nothing else is wrong with them', () => {
  const marked = new Set(programs.map(({ file, line }) => `${file}:${line}`))
  expect(diagnostics.filter(({ file, line }) => !marked.has(`${file}:${line}`))).toEqual([])
})

describe.each(programs)('$file', ({ file, line, typescript, javascript }) => {
  test('in TypeScript', () => {
    const texts = diagnostics.filter(each => each.file === file && each.line === line)
    if (typescript === null) expect(texts).toEqual([])
    else expect(texts.map(({ text }) => text).join('\n')).toMatch(saying(typescript))
  })

  test('in JavaScript', async () => {
    const error = await run(file)
    if (javascript === null) {
      expect(error).toBeNull()
      return
    }
    expect(error).toBeInstanceOf(MillraceError)
    expect((error as Error).message).toMatch(saying(javascript))
    expect(firstFrame(error as Error)).toBe(`${file}:${line}`)
  })
})
