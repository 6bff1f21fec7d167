/**
 * The inputs that an application has declared, each once.
 *
 * Frames of one topic share one reader; a source that is resumed has a name of its own, under which
 * is kept how far it was read.
 */
import { MillraceError } from '../errors.ts'
import { type SourceNode, sourceNode } from '../plan/source.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { Source } from '../source/source.ts'
import { resumeName, type SourceOptions } from './source-options.ts'
import { requireThat } from './step.ts'
import { Topic } from './topic.ts'

export class Inputs {
  readonly #hasBroker: boolean
  readonly #onError: ErrorPolicy
  readonly #topics = new Map<string, SourceNode>()
  readonly #resumed = new Set<string>()

  /** @param onError of rows of sources that are bad. */
  constructor(hasBroker: boolean, onError: ErrorPolicy) {
    this.#hasBroker = hasBroker
    this.#onError = onError
  }

  /** @throws INVALID_ARGUMENT, INVALID_PLAN, NOT_SUPPORTED */
  node(input: Topic | Source, options: SourceOptions): SourceNode {
    if (!(input instanceof Topic)) return this.#source(input, options)
    const text = 'a topic takes no options here: its offsets are kept anyway'
    requireThat(Object.keys(options).length === 0, text, options)
    return this.#topic(input)
  }

  #source(source: Source, options: SourceOptions): SourceNode {
    requireThat(
      typeof (source as Source | null)?.open === 'function',
      "dataframe needs a topic, app.topic('sales'), or a source such as fromArray(rows)",
      source,
    )
    const resume = resumeName(options, this.#hasBroker)
    if (resume !== null) this.#resumeOnce(resume)
    const parts = { timestamp: null, disorderMs: 0, onError: this.#onError }
    return sourceNode({ kind: 'source', source, resume, ...parts })
  }

  #resumeOnce(name: string): void {
    requireThat(
      !this.#resumed.has(name),
      'each source is resumed under a name of its own; to use one twice, keep its frame in a ' +
        'variable',
      name,
    )
    this.#resumed.add(name)
  }

  #topic(topic: Topic): SourceNode {
    const known = this.#topics.get(topic.name)
    if (known === undefined) {
      const node = sourceNode({ kind: 'topic', topic: topic.definition })
      this.#topics.set(topic.name, node)
      return node
    }
    if (known.input.kind === 'topic' && known.input.topic === topic.definition) return known
    throw new MillraceError(
      'INVALID_PLAN',
      `topic ${JSON.stringify(topic.name)} is read already, as declared elsewhere. Declare ` +
        'it once and keep it in a variable.',
      { topic: topic.name },
    )
  }
}
