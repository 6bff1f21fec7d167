/**
 * Finds, creates and checks every topic of a pipeline before its first record: inputs and outputs
 * as the user said, internal topics with as many partitions as the tasks that are to read them.
 *
 * Called at the start of a run, never at declaration. Errors name the topic and what to do.
 */
import { MillraceError } from '../errors.ts'
import type { Pipeline, SubTopology, TopicNeed } from '../operator/pipeline.ts'
import type { Admin, TopicDescription, Transport } from '../transport/transport.ts'
import type { VerdictChoices } from './verdict-choices.ts'
import { partitionsChanged, sourceDivided } from './verdicts.ts'

/**
 * Event times of any age and any future must fit, and nothing may expire behind our back
 * (docs/formats.md).
 */
const REPARTITION_CONFIG: Readonly<Record<string, string>> = {
  'cleanup.policy': 'delete',
  'retention.ms': '-1',
  'retention.bytes': '-1',
  'message.timestamp.type': 'CreateTime',
  'message.timestamp.after.max.ms': '9223372036854775807',
}

/** Behind the lag, only what every later epoch has replaced is compacted away. */
const CHANGELOG_CONFIG: Readonly<Record<string, string>> = {
  ...REPARTITION_CONFIG,
  'cleanup.policy': 'compact',
  'min.compaction.lag.ms': '3600000',
}

export interface PreparedTopics {
  /** Partition counts of all topics, internal ones under their full names. */
  readonly partitionCounts: ReadonlyMap<string, number>
  /** Tasks per sub-topology, by its id. */
  readonly taskCounts: readonly number[]
  /** Ids of changelogs, by full name. */
  readonly topicIds: ReadonlyMap<string, string>
  readonly names: InternalNames
}

/** Full names of the internal topics of an application. */
export interface InternalNames {
  readonly repartition: (identity: string) => string
  /** Null: the part keeps nothing, or nowhere. */
  readonly changelog: (part: SubTopology) => string | null
  /** The topic whose partitions are the tasks of a part; null = all of them are this process's. */
  readonly lead: (part: SubTopology) => string | null
}

export async function prepareTopics(
  pipeline: Pipeline,
  transport: Transport,
  names: InternalNames,
  choices: VerdictChoices,
): Promise<PreparedTopics> {
  const { admin } = transport
  const fixed = transport.abilities.partitionCountFixed
  const found = new Map<string, TopicDescription>()
  const described = await admin.describeTopics(pipeline.topics.map(({ name }) => name))
  for (const need of pipeline.topics) {
    found.set(need.name, await present(need, described.get(need.name) ?? null, transport))
  }
  const taskCounts: number[] = []
  const partitionCounts = new Map([...found].map(([name, topic]) => [name, topic.partitionCount]))
  const topicIds = new Map<string, string>()
  /** Replication factors of what the parts read; internal topics take them over. */
  const factors: number[] = []
  for (const part of pipeline.subTopologies) {
    const partitions = taskCountOf(part, partitionCounts, names)
    taskCounts.push(partitions)
    const replicationFactor = factorOf(part, found, factors)
    factors.push(replicationFactor)
    for (const { name, config, isGrown } of internalTopicsOf(part, names)) {
      let existing = await describe(admin, name)
      if (existing !== null && isGrown && existing.partitionCount !== (fixed ?? partitions)) {
        checkGrowth(part, existing.partitionCount, partitions, choices)
        await admin.addPartitions(name, partitions)
        existing = await describe(admin, name)
      }
      // Keys stay where they are in a repartition topic, whatever the count of its input.
      const count = isGrown ? partitions : (existing?.partitionCount ?? partitions)
      const need = { name, create: { partitions: count, replicationFactor, config } }
      const topic = await present(need, existing, transport)
      partitionCounts.set(name, topic.partitionCount)
      topicIds.set(name, topic.id)
    }
  }
  return { partitionCounts, taskCounts, topicIds, names }
}

function internalTopicsOf(part: SubTopology, names: InternalNames) {
  const repartitions = part.repartitions.map(identity => ({
    name: names.repartition(identity),
    config: REPARTITION_CONFIG,
    isGrown: false,
  }))
  const changelog = names.changelog(part)
  if (changelog === null) return repartitions
  return [...repartitions, { name: changelog, config: CHANGELOG_CONFIG, isGrown: true }]
}

function factorOf(
  { input }: SubTopology,
  found: ReadonlyMap<string, TopicDescription>,
  factors: readonly number[],
): number {
  if (input.kind === 'topic') return found.get(input.topic)?.replicationFactor ?? -1
  return input.kind === 'local' ? -1 : (factors[input.upstream] as number)
}

function taskCountOf(
  part: SubTopology,
  partitionCounts: ReadonlyMap<string, number>,
  names: InternalNames,
): number {
  const { input } = part
  if (input.kind === 'topic') return partitionCounts.get(input.topic) as number
  if (input.kind === 'local') return input.source.partitionCount
  return partitionCounts.get(names.repartition(input.identity)) as number
}

async function present(
  need: TopicNeed,
  found: TopicDescription | null,
  transport: Transport,
): Promise<TopicDescription> {
  const { name, create } = need
  const fixed = transport.abilities.partitionCountFixed
  if (create === null) {
    if (found !== null) return found
    throw new MillraceError(
      'TOPIC_MISSING',
      `topic ${JSON.stringify(name)} does not exist on ${transport.name}. Create it, or let ` +
        'the application do so: ' +
        `app.topic(${JSON.stringify(name)}, { create: { partitions: ${fixed ?? 4} } }).`,
      { topic: name },
    )
  }
  const partitionCount = fixed ?? create.partitions
  if (found !== null && found.partitionCount !== partitionCount) {
    throw new MillraceError(
      'TOPIC_MISCONFIGURED',
      `topic ${JSON.stringify(name)} has ${found.partitionCount} partitions, and ` +
        `${partitionCount} were planned. ` +
        'Plan with the number there is, or use another topic.',
      { topic: name },
    )
  }
  if (found !== null) return found
  const { replicationFactor, config } = create
  await transport.admin.createTopic({ name, partitionCount, replicationFactor, config })
  const created = await describe(transport.admin, name)
  return created ?? { name, partitionCount, replicationFactor, id: '' }
}

/** A changelog has the partitions that its input had at the last commit. */
function checkGrowth(
  { input }: SubTopology,
  before: number,
  now: number,
  choices: VerdictChoices,
): void {
  if (input.kind === 'local') throw sourceDivided(input, before, now)
  const canClear = now > before
  if (canClear && choices.PARTITIONS_CHANGED === 'clear') return
  const topic = input.kind === 'topic' ? input.topic : ''
  throw partitionsChanged(topic, [before, now], canClear)
}

async function describe(admin: Admin, name: string): Promise<TopicDescription | null> {
  return (await admin.describeTopics([name])).get(name) ?? null
}
