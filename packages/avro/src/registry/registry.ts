/**
 * A schema registry with Confluent's API (Confluent, Apicurio, Redpanda, Karapace, …).
 *
 * What cannot change (the schema of an id, a version of a subject) is kept in memory and served
 * from there while the registry is away; the latest version is kept for `latestExpiryMs`; that
 * something is missing for `missExpiryMs`. A schema comes with all that it refers to. Nothing here
 * is on the way of a record.
 */
import { MillraceError } from '@millrace/core'
import { BoundedCache } from './bounded-cache.ts'
import {
  type CompatibilityVerdict,
  incompatible,
  versionConflicts,
  type WholeSchema,
} from './check-compatibility.ts'
import { type CompatibilityMode, modeRules } from './compatibility-mode.ts'
import type {
  NormalizeOptions,
  RegisteredSchema,
  SchemaToRegister,
  SubjectVersion,
} from './registered-schema.ts'
import {
  type SchemaAnswer,
  schemaAnswer,
  textsAnswer,
  wholeAnswer,
  wholesAnswer,
} from './registry-answers.ts'
import { missing, RegistryApi } from './registry-api.ts'
import { askCompatible, askMode } from './registry-compatibility.ts'
import { RegistryConnection } from './registry-connection.ts'
import {
  type RegistryOptions,
  type RegistrySettings,
  registrySettings,
} from './registry-options.ts'
import { REFERENCE_BOUNDS, resolveReferences } from './resolve-references.ts'
import { SchemaCache } from './schema-cache.ts'
import { contextOf, inContext } from './subject.ts'

/**
 * Makes a client of a registry; nothing is asked before it is needed.
 *
 * @example
 * const schemas = registry({ urls: ['https://one:8081', 'https://two:8081'], auth: { basic } })
 *
 * @throws INVALID_ARGUMENT
 */
export function registry(options: string | RegistryOptions): SchemaRegistry {
  const settings = registrySettings(typeof options === 'string' ? { urls: options } : options)
  return new SchemaRegistry(settings, new RegistryConnection(settings))
}

export class SchemaRegistry {
  readonly #settings: RegistrySettings
  readonly #api: RegistryApi
  readonly #cache: SchemaCache
  readonly #versions: BoundedCache<string, SchemaAnswer>

  /** Made by `registry()`. */
  constructor(settings: RegistrySettings, connection: RegistryConnection) {
    this.#settings = settings
    this.#api = new RegistryApi(connection)
    const { cacheEntriesMax: entriesMax, cacheBytesMax: bytesMax } = settings
    const bounds = { entriesMax, bytesMax, now: () => connection.time.now() }
    this.#cache = new SchemaCache({ ...bounds, missExpiryMs: settings.missExpiryMs })
    this.#versions = new BoundedCache(bounds)
  }

  /** For messages: the URLs, without credentials. */
  get name(): string {
    return this.#api.name
  }

  /**
   * The schema with an id. Ids belong to a context: that of `subject`, else that of the options.
   * @throws SCHEMA_MISSING, REGISTRY_UNREACHABLE, REGISTRY_REFUSED, REGISTRY_ANSWER_INVALID
   */
  schemaById(id: number, of: { readonly subject?: string } = {}): Promise<RegisteredSchema> {
    const context = this.#contextOf(of.subject)
    const subject = of.subject ?? (context === '.' ? undefined : `:${context}:`)
    const query = subject === undefined ? '' : `?subject=${encodeURIComponent(subject)}`
    return this.#cache.known(`id ${context} ${id}`, async () => {
      const what = `schema id ${id}`
      const reply = await this.#api.ask({ method: 'GET', path: `/schemas/ids/${id}${query}` }, what)
      return this.#whole(schemaAnswer(reply.json, what), { id }, context, what)
    })
  }

  /** As `schemaById`, by the GUID of a V1 frame. */
  schemaByGuid(guid: string): Promise<RegisteredSchema> {
    const key = guid.toLowerCase()
    return this.#cache.known(`guid ${key}`, async () => {
      const what = `schema GUID ${guid}`
      const path = `/schemas/guids/${encodeURIComponent(key)}`
      const reply = await this.#api.ask({ method: 'GET', path }, what)
      return this.#whole(
        schemaAnswer(reply.json, what),
        { guid: key },
        this.#settings.context,
        what,
      )
    })
  }

  /** The latest version of a subject. */
  latest(subject: string): Promise<SubjectVersion> {
    const of = this.#subject(subject)
    const path = `/subjects/${encodeURIComponent(of)}/versions/latest`
    const what = `the latest version of subject ${of}`
    return this.#latest(`latest ${of}`, of, path, what)
  }

  /** The latest version of a subject whose metadata has these properties. */
  latestWithMetadata(
    subject: string,
    properties: Readonly<Record<string, string>>,
  ): Promise<SubjectVersion> {
    const of = this.#subject(subject)
    const query = new URLSearchParams({ deleted: 'false' })
    for (const [name, value] of Object.entries(properties)) {
      query.append('key', name)
      query.append('value', value)
    }
    const path = `/subjects/${encodeURIComponent(of)}/metadata?${query}`
    const what = `subject ${of} with metadata ${JSON.stringify(properties)}`
    return this.#latest(`metadata ${of} ${query}`, of, path, what)
  }

  /** A version of a subject. */
  version(subject: string, version: number): Promise<SubjectVersion> {
    const of = this.#subject(subject)
    const what = `version ${version} of subject ${of}`
    return this.#cache.known(`version ${of} ${version}`, async () => {
      const answer = await this.#fetchVersion(of, version)
      return this.#version(answer, of, what)
    })
  }

  /** Numbers of the versions of a subject, ascending; none when there is no such subject. */
  async versions(subject: string): Promise<readonly number[]> {
    const of = this.#subject(subject)
    const path = `/subjects/${encodeURIComponent(of)}/versions`
    const reply = await this.#api.reply({ method: 'GET', path })
    if (reply.status === 404) return []
    this.#api.refuse(reply, `the versions of subject ${of}`)
    return wholesAnswer(reply.json, `the versions of subject ${of}`).sort((a, b) => a - b)
  }

  /** Subjects that have the schema with an id. */
  async subjectsOf(id: number): Promise<readonly string[]> {
    const what = `the subjects of schema id ${id}`
    const reply = await this.#api.ask({ method: 'GET', path: `/schemas/ids/${id}/subjects` }, what)
    return textsAnswer(reply.json, what)
  }

  /**
   * The id of a schema that the subject has already.
   * @throws SCHEMA_MISSING
   */
  lookup(
    subject: string,
    schema: SchemaToRegister,
    options: NormalizeOptions = {},
  ): Promise<SubjectVersion> {
    const of = this.#subject(subject)
    const body = bodyOf(schema)
    const normalize = options.normalize === true
    return this.#cache.known(`lookup ${of} ${normalize} ${JSON.stringify(body)}`, async () => {
      const what = `this schema under subject ${of}`
      const path = `/subjects/${encodeURIComponent(of)}?normalize=${normalize}`
      const reply = await this.#api.ask({ method: 'POST', path, body }, what)
      return this.#version(schemaAnswer(reply.json, what), of, what)
    })
  }

  /**
   * Registers a schema, unless the subject has it already.
   * @throws SCHEMA_INCOMPATIBLE, REGISTRY_REFUSED
   */
  async register(
    subject: string,
    schema: SchemaToRegister,
    options: NormalizeOptions = {},
  ): Promise<RegisteredSchema> {
    const of = this.#subject(subject)
    const body = bodyOf(schema)
    const what = `a schema for subject ${of}`
    const normalize = options.normalize === true
    const path = `/subjects/${encodeURIComponent(of)}/versions?normalize=${normalize}`
    const reply = await this.#api.reply({ method: 'POST', path, body })
    if (reply.status === 409) throw await this.#refusal(of, schema, reply.message)
    this.#api.refuse(reply, what)
    const id = wholeAnswer(reply.json, 'id', what)
    // What a new version changes: the latest one, and what was missing.
    this.#cache.forget([`latest ${of}`, `metadata ${of} `])
    // Older registries answer with the id alone.
    return this.schemaById(id, { subject: of })
  }

  /** The mode of a subject, else that of the registry. */
  compatibilityMode(subject: string): Promise<CompatibilityMode> {
    return askMode(this.#api, this.#subject(subject))
  }

  /** Sets the mode of a subject. */
  async setCompatibilityMode(subject: string, mode: CompatibilityMode): Promise<void> {
    const path = `/config/${encodeURIComponent(this.#subject(subject))}`
    const body = { compatibility: mode }
    const what = `the compatibility mode of subject ${subject}`
    await this.#api.ask({ method: 'PUT', path, body }, what)
  }

  /**
   * Whether the registry would take a schema as the next version of a subject, and which fields
   * break which rule.
   */
  async compatibility(subject: string, schema: SchemaToRegister): Promise<CompatibilityVerdict> {
    const of = this.#subject(subject)
    const mode = await this.compatibilityMode(of)
    const said = await askCompatible(this.#api, of, bodyOf(schema))
    return { subject: of, mode, ...said, conflicts: await this.#conflicts(of, mode, schema) }
  }

  /**
   * Does nothing when the registry would take the schema.
   * @throws SCHEMA_INCOMPATIBLE naming each field that breaks a rule.
   */
  async requireCompatible(subject: string, schema: SchemaToRegister): Promise<void> {
    const verdict = await this.compatibility(subject, schema)
    if (!verdict.isCompatible) throw incompatible(verdict)
  }

  /** Ends what is under way. Idempotent. */
  close(): void {
    this.#api.close()
  }

  #latest(key: string, of: string, path: string, what: string): Promise<SubjectVersion> {
    const fetch = async () => {
      const reply = await this.#api.ask({ method: 'GET', path }, what)
      return this.#version(schemaAnswer(reply.json, what), of, what)
    }
    return this.#cache.known(key, fetch, this.#settings.latestExpiryMs)
  }

  #version(answer: SchemaAnswer, of: string, what: string): Promise<SubjectVersion> {
    const { version } = answer
    const subject = answer.subject ?? of
    const id = wholeAnswer(answer, 'id', what)
    const whole = this.#whole(answer, { id }, contextOf(of), what)
    return whole.then(schema => ({ ...schema, subject, version: version ?? 0 }))
  }

  /** With all it refers to. */
  async #whole(
    answer: SchemaAnswer,
    known: { readonly id?: number; readonly guid?: string },
    context: string,
    what: string,
  ): Promise<RegisteredSchema> {
    const { schema, schemaType, guid, metadata, ruleSet } = answer
    if (schemaType !== 'AVRO') {
      throw missing(what, `it is of type ${schemaType}, not AVRO`)
    }
    const references = await this.#references(answer, context)
    const id = known.id ?? answer.id ?? -1
    return { id, guid: guid ?? known.guid ?? null, schema, references, metadata, ruleSet }
  }

  /** Also one that was deleted softly: what refers to it stays readable. */
  async #fetchVersion(subject: string, version: number): Promise<SchemaAnswer> {
    const key = `${subject} ${version}`
    const known = this.#versions.get(key)
    if (known !== undefined) return known
    const what = `version ${version} of subject ${subject}`
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`
    const reply = await this.#api.ask({ method: 'GET', path }, what)
    const answer = schemaAnswer(reply.json, what)
    // A number below zero asks for the latest.
    if (version > 0) this.#versions.set(key, answer, answer.schema.length)
    return answer
  }

  async #conflicts(of: string, mode: CompatibilityMode, schema: SchemaToRegister) {
    const { isBackward, isForward, isTransitive } = modeRules(mode)
    if (!(isBackward || isForward)) return []
    const numbers = await this.versions(of)
    const known = []
    for (const version of isTransitive ? numbers : numbers.slice(-1)) {
      known.push({ ...(await this.version(of, version)), version })
    }
    return versionConflicts(mode, await this.#wholeOf(of, schema), known)
  }

  /** What is to be registered, with what it refers to. */
  async #wholeOf(of: string, schema: SchemaToRegister): Promise<WholeSchema> {
    const { references = [], ...body } = typeof schema === 'string' ? { schema } : schema
    const answer = schemaAnswer({ ...body, references }, 'a schema')
    return { schema: body.schema, references: await this.#references(answer, contextOf(of)) }
  }

  async #refusal(of: string, schema: SchemaToRegister, said: string): Promise<MillraceError> {
    try {
      const mode = await this.compatibilityMode(of)
      const conflicts = await this.#conflicts(of, mode, schema)
      return incompatible({ subject: of, mode, isCompatible: false, messages: [], conflicts }, said)
    } catch {
      // What the registry said is enough.
      return new MillraceError(
        'SCHEMA_INCOMPATIBLE',
        `the schema registry refuses a schema for subject ${of}: ${said}.`,
      )
    }
  }

  #references(answer: SchemaAnswer, context: string) {
    return resolveReferences(
      answer,
      context,
      (subject, version) => this.#fetchVersion(subject, version),
      { ...REFERENCE_BOUNDS, bytesMax: this.#settings.responseBytesMax },
    )
  }

  #subject(subject: string): string {
    if (typeof subject === 'string' && subject !== '' && subject.length <= 1_000) {
      return inContext(this.#settings.context, subject)
    }
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `a subject is a text of 1 to 1,000 characters; got ${JSON.stringify(subject)?.slice(0, 80)}.`,
    )
  }

  #contextOf(subject: string | undefined): string {
    return subject === undefined ? this.#settings.context : contextOf(this.#subject(subject))
  }
}

/** @throws INVALID_ARGUMENT */
function bodyOf(schema: SchemaToRegister): object {
  const body = typeof schema === 'string' ? { schema } : schema
  if (typeof body?.schema === 'string') return { schemaType: 'AVRO', ...body }
  throw new MillraceError('INVALID_ARGUMENT', 'a schema to register is text in JSON.')
}
