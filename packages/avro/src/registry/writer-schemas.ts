/**
 * Which schemas the records of one task were written with.
 *
 * `prepare` looks through a batch for ids and GUIDs that are not known and fetches them; the usual
 * batch has none and nothing is waited for. `frameAt` then answers at once. What a registry does
 * not have, or has and nobody can read, is a failure of the records that name it; a registry that
 * is away stops the task, which tries again. Failures are forgotten with the next batch, so a
 * schema that is registered late is found (the registry's client bounds how often it is asked).
 *
 * Perf: whole runs of records with the same frame are looked at once.
 */
import { type ByteRanges, ByteReader, bounded, eachAtOnce, MillraceError } from '@millrace/core'
import type { AvroSchema } from '../avro-schema/avro-schema.ts'
import {
  type Framed,
  type FrameFailure,
  type FrameReader,
  sameHeadEnd,
} from '../codec/framed-decoder.ts'
import { parseWhole, type WholeSchema } from './check-compatibility.ts'
import type { RegisteredSchema } from './registered-schema.ts'
import type { SchemaRegistry } from './registry.ts'
import { type Ruled, withoutLogicalTypes } from './ruled-records.ts'
import { rulesFor } from './schema-rules.ts'
import {
  frameFault,
  frameIdAt,
  GUID_FRAME_BYTES,
  guidAt,
  guidFrame,
  guidOfHeader,
  HAS_GUID,
  ID_FRAME_BYTES,
  idFrame,
} from './wire-frame.ts'

/** Writers kept from batch to batch; the first ones go. */
const WRITERS_MAX = 1_000
/** Questions to the registry at the same time. */
const FETCHES_MAX = 16

type Answer = RuledFramed | FrameFailure

interface RuledFramed extends Framed {
  /** Null: nobody has to run rules. */
  readonly ruled: Ruled | null
}

/** A writer behind each framing. */
interface Writer {
  readonly afterId: RuledFramed
  readonly afterGuid: RuledFramed
  readonly bare: RuledFramed
}

const HEAD_SIZES: Readonly<Record<keyof Writer, number>> = {
  afterId: ID_FRAME_BYTES,
  afterGuid: GUID_FRAME_BYTES,
  bare: 0,
}

/** How records whose schemas have rules are read; null = they are not. */
export interface RuledReading {
  /** What values are of once rules were run; null = what the record was written with. */
  readonly reader: WholeSchema | null
}

/** An id, or a GUID. */
type SchemaKey = number | string

/** Trouble that is not of the record. */
const AWAY: ReadonlySet<string> = new Set(['REGISTRY_UNREACHABLE', 'REGISTRY_REFUSED'])

export class WriterSchemas implements FrameReader {
  readonly #schemas: SchemaRegistry
  readonly #headerName: Buffer
  readonly #rules: RuledReading | null
  readonly #known = new Map<SchemaKey, Writer>()
  /** Of this batch. */
  readonly #failures = new Map<SchemaKey, FrameFailure>()
  /** The last one of the batch prepared last, told by its array of positions: mostly all of it. */
  readonly #run = { start: null as Int32Array | null, from: 0, end: 0 }
  /** Of the key read last. */
  #framing: keyof Writer = 'afterId'
  /** The headers read last, and the GUID in them. */
  #lastHeaders: Buffer = Buffer.alloc(0)
  #lastGuid: string | null = null

  constructor(schemas: SchemaRegistry, headerName: string, rules: RuledReading | null) {
    this.#schemas = schemas
    this.#rules = rules
    this.#headerName = Buffer.from(headerName)
  }

  /** @throws REGISTRY_UNREACHABLE, REGISTRY_REFUSED, NOT_SUPPORTED for rules that nobody runs. */
  prepare(ranges: ByteRanges): Promise<void> | undefined {
    this.#failures.clear()
    for (const key of this.#known.keys()) {
      if (this.#known.size <= WRITERS_MAX) break
      this.#known.delete(key)
    }
    const wanted = new Set<SchemaKey>()
    for (let index = 0; index < ranges.count; ) {
      const isNull = (ranges.size[index] as number) < 0
      const key = isNull ? null : this.#keyAt(ranges, index)
      if (key !== null && !this.#known.has(key)) wanted.add(key)
      if (key === null) index++
      else {
        this.#run.start = ranges.start
        this.#run.from = index
        this.#run.end = index = sameHeadEnd(ranges, index, HEAD_SIZES[this.#framing])
      }
    }
    return wanted.size === 0 ? undefined : this.#fetch([...wanted])
  }

  /** What a record whose rules are to be run was written with; null = there are none to run. */
  ruledAt(ranges: ByteRanges, index: number): { ruled: Ruled; headSize: number } | null {
    const answer = this.frameAt(ranges, index)
    if ('code' in answer || answer.ruled === null) return null
    return { ruled: answer.ruled, headSize: answer.headSize }
  }

  frameAt(ranges: ByteRanges, index: number): Answer {
    const key = this.#keyAt(ranges, index)
    if (key !== null) {
      const writer = this.#known.get(key)
      if (writer !== undefined) return writer[this.#framing]
      return this.#failures.get(key) ?? failure(key, 'it was not asked for')
    }
    const start = ranges.start[index] as number
    const end = start + (ranges.size[index] as number)
    const fault = frameIdAt(ranges.data, start, end)
    return {
      field: undefined,
      code: 'DECODE_FAILED',
      expected: "a value that begins with byte 0 and a schema's id",
      got: frameFault(fault, ranges.data, start, end),
    }
  }

  /** Of record `index`, which is not null; null where it is not known yet, or has none. */
  knownAt(ranges: ByteRanges, index: number): Framed | null {
    const key = this.#keyAt(ranges, index)
    return (key === null ? undefined : this.#known.get(key)?.[this.#framing]) ?? null
  }

  runEnd(ranges: ByteRanges, index: number, headSize: number): number {
    const { start, from, end } = this.#run
    return start === ranges.start && from === index ? end : sameHeadEnd(ranges, index, headSize)
  }

  /** Null: there is none. How it is framed is then in `#framing`. */
  #keyAt(ranges: ByteRanges, index: number): SchemaKey | null {
    const header = this.#headerGuid(ranges, index)
    if (header !== null) {
      this.#framing = 'bare'
      return header
    }
    const start = ranges.start[index] as number
    const id = frameIdAt(ranges.data, start, start + (ranges.size[index] as number))
    this.#framing = id === HAS_GUID ? 'afterGuid' : 'afterId'
    if (id === HAS_GUID) return guidAt(ranges.data, start + 1)
    return id >= 0 ? id : null
  }

  #fetch(wanted: readonly SchemaKey[]): Promise<void> {
    return eachAtOnce(wanted, FETCHES_MAX, key => this.#fetchOne(key))
  }

  async #fetchOne(key: SchemaKey): Promise<void> {
    let rules: readonly string[] = []
    try {
      const registered = await this.#registered(key)
      const writer = parseWhole(registered, 'ignore')
      rules = rulesFor(registered.ruleSet, 'READ')
      const ruled = this.#ruled(registered, writer, rules.length > 0)
      this.#known.set(key, {
        afterId: { writer, headSize: HEAD_SIZES.afterId, ruled },
        afterGuid: { writer, headSize: HEAD_SIZES.afterGuid, ruled },
        bare: { writer, headSize: HEAD_SIZES.bare, ruled },
      })
    } catch (error) {
      if (!MillraceError.is(error) || AWAY.has(error.code)) throw error
      this.#failures.set(key, failure(key, error.text))
    }
    if (rules.length === 0 || this.#rules !== null) return
    this.#known.delete(key)
    throw rulesNotRun(`schema ${typeof key === 'number' ? 'id' : 'GUID'} ${key}`, rules)
  }

  #ruled(registered: RegisteredSchema, writer: AvroSchema, hasRules: boolean): Ruled | null {
    if (this.#rules === null) return null
    const { id, guid } = registered
    const head = id >= 0 || guid === null ? idFrame(id) : guidFrame(guid)
    const { reader } = this.#rules
    if (reader !== null) {
      return { plain: withoutLogicalTypes(reader), writer: parseWhole(reader), head }
    }
    return hasRules ? { plain: withoutLogicalTypes(registered), writer, head } : null
  }

  #registered(key: SchemaKey): Promise<RegisteredSchema> {
    return typeof key === 'number' ? this.#schemas.schemaById(key) : this.#schemas.schemaByGuid(key)
  }

  /** The last header of the name counts; one that is no GUID is as if it were not there. */
  #headerGuid({ data, headers }: ByteRanges, index: number): string | null {
    const size = headers?.size[index] ?? 0
    if (headers === undefined || size === 0) return null
    const start = headers.start[index] as number
    const last = this.#lastHeaders
    const end = start + size
    if (size === last.length && last.compare(data, start, end) === 0) return this.#lastGuid
    this.#lastHeaders = Buffer.from(data.subarray(start, end))
    this.#lastGuid = guidIn(this.#lastHeaders, this.#headerName)
    return this.#lastGuid
  }
}

/** What is wrong with reading records as if their schema had no rules. */
function rulesNotRun(what: string, rules: readonly string[]): MillraceError {
  return new MillraceError(
    'NOT_SUPPORTED',
    `${what} has rules that readers have to run (${bounded(rules.join(', '))}), and this serde ` +
      'runs none. Give it `rules`, which read such records one by one.',
  )
}

function guidIn(headers: Buffer, name: Buffer): string | null {
  if (headers.indexOf(name) < 0) return null
  let guid: string | null = null
  try {
    const reader = new ByteReader(headers, 'record headers')
    for (let left = reader.signed(); left > 0; left--) {
      const isOurs = name.equals(reader.bytes(reader.signed()))
      const valueSize = reader.signed()
      const value = valueSize < 0 ? null : reader.bytes(valueSize)
      if (isOurs && value !== null) guid = guidOfHeader(value, 0, value.length) ?? guid
    }
  } catch {
    // Headers that cannot be read are found by whoever reads them.
    return null
  }
  return guid
}

function failure(key: SchemaKey, why: string): FrameFailure {
  const what = typeof key === 'number' ? `schema id ${key}` : `schema GUID ${key}`
  const expected = 'a record whose schema is in the registry'
  const got = `${what}: ${why.replace(/\.$/, '')}`
  return { field: undefined, code: 'DECODE_FAILED', expected, got }
}
