/**
 * What the embedded registry holds, and its answers: one table of routes.
 *
 *   schema text (+ references, metadata) ── id, GUID        the same everywhere
 *   subject ── versions 1, 2, …          ── each an id
 */
import { createHash } from 'node:crypto'
import { parseWhole, versionConflicts } from './check-compatibility.ts'
import { COMPATIBILITY_MODES, type CompatibilityMode } from './compatibility-mode.ts'
import type { ReferencedSchema } from './resolve-references.ts'

const REFERENCE_DEPTH_MAX = 20

/** A refusal, as HTTP has it. */
export class RegistryFault extends Error {
  readonly status: number
  readonly errorCode: number

  constructor(status: number, errorCode: number, message: string) {
    super(message)
    this.status = status
    this.errorCode = errorCode
  }
}

interface Stored {
  readonly id: number
  readonly guid: string
  readonly schema: string
  readonly schemaType?: string
  readonly references?: readonly Reference[]
  readonly metadata?: { readonly properties?: Readonly<Record<string, string>> }
  readonly ruleSet?: object
}

interface Reference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

interface Asked {
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

type Route = readonly [method: string, path: RegExp, answer: (asked: Asked) => unknown]

export class EmbeddedSubjects {
  readonly #byId = new Map<number, Stored>()
  readonly #byGuid = new Map<string, Stored>()
  readonly #subjects = new Map<string, Stored[]>()
  readonly #modes = new Map<string, CompatibilityMode>()
  #mode: CompatibilityMode = 'BACKWARD'

  readonly #routes: readonly Route[] = [
    ['GET', /^\/subjects$/, () => [...this.#subjects.keys()].sort()],
    [
      'GET',
      /^\/subjects\/([^/]+)\/versions$/,
      ({ path: [subject = ''] }) => this.#versions(subject).map((_, nth) => nth + 1),
    ],
    [
      'GET',
      /^\/subjects\/([^/]+)\/versions\/([^/]+)$/,
      ({ path: [subject = '', version = ''] }) => this.#version(subject, version),
    ],
    ['GET', /^\/subjects\/([^/]+)\/metadata$/, asked => this.#withMetadata(asked)],
    ['POST', /^\/subjects\/([^/]+)\/versions$/, asked => this.#register(asked)],
    ['POST', /^\/subjects\/([^/]+)$/, asked => this.#lookup(asked)],
    ['GET', /^\/schemas\/ids\/(\d+)$/, ({ path: [id = ''] }) => this.#schema(Number(id))],
    [
      'GET',
      /^\/schemas\/ids\/(\d+)\/subjects$/,
      ({ path: [id = ''] }) => this.#subjectsOf(Number(id)),
    ],
    ['GET', /^\/schemas\/guids\/([^/]+)$/, ({ path: [guid = ''] }) => this.#schemaByGuid(guid)],
    [
      'POST',
      /^\/compatibility\/subjects\/([^/]+)\/versions(?:\/[^/]+)?$/,
      asked => this.#compatibility(asked),
    ],
    ['GET', /^\/config(?:\/([^/]+))?$/, asked => this.#config(asked)],
    ['PUT', /^\/config(?:\/([^/]+))?$/, asked => this.#configure(asked)],
  ]

  /** @throws RegistryFault */
  answer(method: string, target: string, body: unknown): unknown {
    const { pathname, searchParams: query } = new URL(target, 'http://registry')
    for (const [of, pattern, answer] of this.#routes) {
      const match = of === method ? pattern.exec(pathname) : null
      if (match === null) continue
      const path = match.slice(1).map(part => decodeURIComponent(part ?? ''))
      return answer({ path, query, body: (body ?? {}) as Asked['body'] })
    }
    throw new RegistryFault(404, 404, `HTTP 404 Not Found: ${method} ${pathname}`)
  }

  #versions(subject: string): readonly Stored[] {
    const versions = this.#subjects.get(subject)
    if (versions !== undefined) return versions
    throw new RegistryFault(404, 40_401, `Subject '${subject}' not found.`)
  }

  #version(subject: string, text: string): unknown {
    const versions = this.#versions(subject)
    const version = text === 'latest' || text === '-1' ? versions.length : Number(text)
    const stored = versions[version - 1]
    if (stored === undefined) throw new RegistryFault(404, 40_402, `Version ${text} not found.`)
    return { subject, version, ...stored }
  }

  #withMetadata({ path: [subject = ''], query }: Asked): unknown {
    const versions = this.#versions(subject)
    const values = query.getAll('value')
    const wanted = query.getAll('key').map((key, nth) => [key, values[nth]] as const)
    const nth = versions.findLastIndex(({ metadata }) =>
      wanted.every(([key, value]) => metadata?.properties?.[key] === value),
    )
    if (nth < 0) throw new RegistryFault(404, 40_402, 'No version has this metadata.')
    return { subject, version: nth + 1, ...versions[nth] }
  }

  #register({ path: [subject = ''], body }: Asked): unknown {
    const found = this.#find(subject, body)
    if (found !== undefined) return found
    const schema = this.#checked(body)
    if (this.#conflicts(subject, body).length > 0) {
      const text = `Schema being registered is incompatible with an earlier one of ${subject}`
      throw new RegistryFault(409, 409, text)
    }
    const stored = this.#store(schema, body)
    const versions = [...(this.#subjects.get(subject) ?? []), stored]
    this.#subjects.set(subject, versions)
    return { ...stored, version: versions.length }
  }

  #lookup({ path: [subject = ''], body }: Asked): unknown {
    this.#versions(subject)
    const found = this.#find(subject, body)
    if (found !== undefined) return found
    throw new RegistryFault(404, 40_403, 'Schema not found')
  }

  #find(subject: string, body: Asked['body']): unknown {
    const identity = identityOf(body)
    const versions = this.#subjects.get(subject) ?? []
    const nth = versions.findIndex(stored => identityOf(stored) === identity)
    return nth < 0 ? undefined : { subject, version: nth + 1, ...versions[nth] }
  }

  #schema(id: number): unknown {
    const stored = this.#byId.get(id)
    if (stored === undefined) throw new RegistryFault(404, 40_403, `Schema ${id} not found`)
    return stored
  }

  #schemaByGuid(guid: string): unknown {
    const stored = this.#byGuid.get(guid)
    if (stored === undefined) throw new RegistryFault(404, 40_403, `Schema ${guid} not found`)
    return stored
  }

  #subjectsOf(id: number): readonly string[] {
    this.#schema(id)
    const all = [...this.#subjects]
    return all.filter(([, versions]) => versions.some(each => each.id === id)).map(([name]) => name)
  }

  #compatibility({ path: [subject = ''], body }: Asked): unknown {
    this.#checked(body)
    const messages = this.#subjects.has(subject) ? this.#conflicts(subject, body) : []
    return { is_compatible: messages.length === 0, messages }
  }

  #config({ path: [subject = ''], query }: Asked): unknown {
    const own = this.#modes.get(subject)
    if (own === undefined && subject !== '' && query.get('defaultToGlobal') !== 'true') {
      throw new RegistryFault(404, 40_408, `Subject '${subject}' does not have a level of its own`)
    }
    return { compatibilityLevel: own ?? this.#mode }
  }

  #configure({ path: [subject = ''], body }: Asked): unknown {
    const mode = COMPATIBILITY_MODES.find(each => each === body['compatibility'])
    if (mode === undefined) throw new RegistryFault(422, 42_203, 'Invalid compatibility level.')
    if (subject === '') this.#mode = mode
    else this.#modes.set(subject, mode)
    return { compatibility: mode }
  }

  #conflicts(subject: string, body: Asked['body']): string[] {
    if (isOther(body)) return []
    const mode = this.#modes.get(subject) ?? this.#mode
    const known = (this.#subjects.get(subject) ?? []).map((stored, nth) => ({
      version: nth + 1,
      schema: stored.schema,
      references: this.#references(stored.references),
    }))
    const proposed = { schema: String(body['schema']), references: this.#referencesOf(body) }
    const conflicts = versionConflicts(mode, proposed, known)
    return conflicts.map(({ path, text, version }) => `${path}: ${text} (version ${version})`)
  }

  /** What a schema refers to, each behind what it needs. */
  #references(references: readonly Reference[] = [], depth = 0): ReferencedSchema[] {
    if (depth > REFERENCE_DEPTH_MAX) throw new RegistryFault(422, 42_201, 'References too deep')
    const all = references.flatMap(reference => {
      const stored = this.#subjects.get(reference.subject)?.[reference.version - 1]
      if (stored === undefined) {
        throw new RegistryFault(422, 42_201, `No schema reference found: ${reference.subject}`)
      }
      const { schema } = stored
      return [...this.#references(stored.references, depth + 1), { ...reference, schema }]
    })
    return [...new Map(all.map(each => [`${each.name} ${each.subject}`, each])).values()]
  }

  #referencesOf({ references }: Asked['body']): ReferencedSchema[] {
    return this.#references(references as readonly Reference[] | undefined)
  }

  #checked(body: Asked['body']): string {
    const { schema } = body
    if (typeof schema !== 'string') throw new RegistryFault(422, 42_201, 'Empty schema')
    if (isOther(body)) return schema
    try {
      parseWhole({ schema, references: this.#referencesOf(body) })
    } catch (error) {
      if (error instanceof RegistryFault) throw error
      throw new RegistryFault(422, 42_201, `Invalid schema: ${String(error)}`)
    }
    return schema
  }

  #store(schema: string, { schemaType, references, metadata, ruleSet }: Asked['body']): Stored {
    const guid = guidOf(identityOf({ schema, references, metadata, ruleSet }))
    const known = this.#byGuid.get(guid)
    if (known !== undefined) return known
    const stored = {
      id: this.#byId.size + 1,
      guid,
      schema,
      ...(schemaType !== undefined && schemaType !== 'AVRO' && { schemaType }),
      ...(references !== undefined && { references }),
      ...(metadata !== undefined && { metadata }),
      ...(ruleSet !== undefined && { ruleSet }),
    } as Stored
    this.#byId.set(stored.id, stored)
    this.#byGuid.set(guid, stored)
    return stored
  }
}

/** No Avro: kept, but not understood. */
function isOther({ schemaType }: Asked['body']): boolean {
  return schemaType !== undefined && schemaType !== null && schemaType !== 'AVRO'
}

function identityOf(of: Readonly<Record<string, unknown>> | Stored): string {
  const { schema, references, metadata, ruleSet } = of as Stored
  return JSON.stringify([schema, references ?? [], metadata ?? null, ruleSet ?? null])
}

/** As a version 8 UUID: any bits but for its marks. */
function guidOf(identity: string): string {
  const hex = createHash('sha256').update(identity).digest('hex')
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-')
}
