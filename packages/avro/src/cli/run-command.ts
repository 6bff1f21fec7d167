/**
 * `millrace avro pull`: writes the schema of a subject as a module, or says that a module is not
 * what the registry has.
 *
 * Exit codes: 0 done, or equal; 1 not equal, or the registry has no answer; 2 the command is wrong.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { MillraceError } from '@millrace/core'
import { registry } from '../registry/registry.ts'
import type { RegistryAuth } from '../registry/registry-options.ts'
import { schemaModule } from './schema-module.ts'

const USAGE = `millrace avro pull --registry URL --subject NAME --out FILE [options]

Writes the schema of a subject as a TypeScript module: export const NAME = { … } as const

  --registry URL    of the schema registry, with its path; may be given several times
  --subject NAME    for example orders-value
  --version NUMBER  default: the latest one
  --out FILE        the module to write
  --name NAME       of the constant; default: the name of the record
  --check           writes nothing; exit code 1 when FILE is not what the registry has

Credentials come from the environment, never from the command line:
  MILLRACE_REGISTRY_BASIC   user:password
  MILLRACE_REGISTRY_TOKEN   a bearer token`

export interface CommandWorld {
  readonly environment: Readonly<Record<string, string | undefined>>
  say(line: string): void
  complain(line: string): void
}

interface Pull {
  readonly urls: readonly string[]
  readonly subject: string
  readonly version: number | null
  readonly out: string
  readonly name: string | null
  readonly isCheck: boolean
}

class UsageError extends Error {}

/** Gives the exit code. */
export async function runCommand(args: readonly string[], world: CommandWorld): Promise<number> {
  try {
    const pull = parsed(args)
    if (pull !== null) return await run(pull, world)
    world.say(USAGE)
    return 0
  } catch (error) {
    const { message } = error as Error
    if (error instanceof UsageError || isUsage(error)) {
      world.complain(`${message}\n\n${USAGE}`)
      return 2
    }
    world.complain(message)
    return 1
  }
}

function isUsage(error: unknown): boolean {
  return `${(error as NodeJS.ErrnoException).code}`.startsWith('ERR_PARSE_ARGS')
}

/** Null: help is asked for. */
function parsed(args: readonly string[]): Pull | null {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      registry: { type: 'string', multiple: true },
      subject: { type: 'string' },
      version: { type: 'string' },
      out: { type: 'string' },
      name: { type: 'string' },
      check: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) return null
  if (positionals.join(' ') !== 'avro pull') {
    throw new UsageError(`There is no command "${positionals.join(' ')}".`)
  }
  const { registry: urls = [], subject, out, version, name = null } = values
  if (urls.length === 0 || subject === undefined || out === undefined) {
    throw new UsageError('--registry, --subject and --out are needed.')
  }
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) {
    throw new UsageError(`--version takes a number from 1 on, not ${version}.`)
  }
  const number = version === undefined ? null : Number(version)
  return { urls, subject, out, name, version: number, isCheck: values.check }
}

async function run(pull: Pull, { environment, say, complain }: CommandWorld): Promise<number> {
  const { urls, subject, version, out, name, isCheck } = pull
  const auth = authOf(environment)
  const schemas = registry({ urls, ...(auth !== null && { auth }) })
  try {
    const found =
      version === null ? await schemas.latest(subject) : await schemas.version(subject, version)
    const text = schemaModule(found, name)
    const what = `version ${found.version} of ${subject}`
    if (textOf(out) === text) {
      say(`${out} is ${what}`)
      return 0
    }
    if (isCheck) {
      complain(`${out} is not ${what}: pull it again, without --check`)
      return 1
    }
    write(out, text)
    say(`${out} is now ${what}`)
    return 0
  } finally {
    schemas.close()
  }
}

function authOf(environment: CommandWorld['environment']): RegistryAuth | null {
  const { MILLRACE_REGISTRY_BASIC: basic, MILLRACE_REGISTRY_TOKEN: token } = environment
  if (token !== undefined && token !== '') return { bearer: { token } }
  if (basic === undefined || basic === '') return null
  const colon = basic.indexOf(':')
  if (colon < 1) throw new UsageError('MILLRACE_REGISTRY_BASIC is user:password.')
  return { basic: { username: basic.slice(0, colon), password: basic.slice(colon + 1) } }
}

/** Null: there is no such file. */
function textOf(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new MillraceError('INVALID_ARGUMENT', `cannot read ${file}: ${String(error)}`)
  }
}

/** A build beside this never sees half a module. */
function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  const unfinished = `${file}.${process.pid}.part`
  writeFileSync(unfinished, text)
  renameSync(unfinished, file)
}
