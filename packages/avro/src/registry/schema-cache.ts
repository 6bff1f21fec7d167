/**
 * What is known of a registry: schemas, and for a short while what is missing there. Whoever asks
 * for the same thing at the same time shares one question. Keys say what was asked for.
 */
import { MillraceError } from '@millrace/core'
import { BoundedCache, type BoundedCacheOptions } from './bounded-cache.ts'
import type { RegisteredSchema } from './registered-schema.ts'

type Known = { readonly schema: RegisteredSchema } | { readonly missing: MillraceError }

export interface SchemaCacheOptions extends BoundedCacheOptions {
  readonly missExpiryMs: number
}

export class SchemaCache {
  readonly #missExpiryMs: number
  readonly #cache: BoundedCache<string, Known>
  readonly #underWay = new Map<string, Promise<RegisteredSchema>>()

  constructor({ missExpiryMs, ...bounds }: SchemaCacheOptions) {
    this.#missExpiryMs = missExpiryMs
    this.#cache = new BoundedCache(bounds)
  }

  /**
   * From memory, from whoever asks already, else by asking.
   * @param lifeMs Default: for ever.
   */
  async known<T extends RegisteredSchema>(
    key: string,
    ask: () => Promise<T>,
    lifeMs?: number,
  ): Promise<T> {
    const known = this.#cache.get(key)
    // A new error each time: whoever gets it adds its place.
    if (known !== undefined && 'missing' in known) throw known.missing.at({})
    const kept = known?.schema ?? this.#underWay.get(key)
    // A key has schemas of one kind.
    if (kept !== undefined) return kept as T | Promise<T>
    const asked = ask().then(
      schema => {
        this.#cache.set(key, { schema }, bytesOf(schema) + key.length, lifeMs)
        return schema
      },
      (error: unknown) => {
        if (MillraceError.is(error) && error.code === 'SCHEMA_MISSING') {
          this.#cache.set(key, { missing: error }, key.length, this.#missExpiryMs)
        }
        throw error
      },
    )
    this.#underWay.set(key, asked)
    return asked.finally(() => this.#underWay.delete(key))
  }

  /** Forgets everything that is missing, and what has keys that begin so. */
  forget(stems: readonly string[]): void {
    this.#cache.deleteAll(
      (key, known) => 'missing' in known || stems.some(stem => key.startsWith(stem)),
    )
  }
}

function bytesOf({ schema, references }: RegisteredSchema): number {
  return references.reduce((bytes, reference) => bytes + reference.schema.length, schema.length)
}
