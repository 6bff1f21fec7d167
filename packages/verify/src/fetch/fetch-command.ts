/**
 * `fetch`: reads topics with everything that is easy to get wrong by two ways, over connections of
 * Millrace and through librdkafka, and compares record by record.
 */
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import type { ClientSettings } from '../crash/story.ts'
import { deleteTopics } from '../crash/topics.ts'
import { Random } from '../random.ts'
import { settingsOf } from '../settings-of.ts'
import { UsageError, type World } from '../world.ts'
import { BothClients, type PartOfLog } from './both-clients.ts'
import { KINDS, type KindOfTopic, PARTITIONS } from './kinds-of-topics.ts'
import { differences } from './record-list.ts'

const LINES_MAX = 10

export interface FetchOptions {
  readonly seed: number
  /** Of each topic, in each partition. */
  readonly records: number
  readonly settings: ClientSettings
}

interface Tally {
  topics: number
  records: number
  different: number
}

/** Gives the exit code: 0 when everything was read the same. */
export async function fetch(args: readonly string[], world: World): Promise<number> {
  const options = parseFetchOptions(args, world)
  const { say, broker } = world
  const id = `verify-${options.seed}-${randomBytes(3).toString('hex')}`
  say(`seed ${options.seed}, topics ${id}-*`)
  const tally: Tally = { topics: 0, records: 0, different: 0 }
  const clients = await BothClients.open(options.settings, id)
  try {
    for (const kind of KINDS) {
      const missing = kind.isMissing?.(broker) ?? null
      if (missing === null)
        await compare(kind, `${id}-${kind.name}`, options, world, clients, tally)
      else say(`${kind.name}: left out: ${missing}`)
    }
    if (clients.fallback !== null) throw new UsageError(clients.fallback)
  } finally {
    await clients.close()
    await deleteTopics(options.settings, id).catch(() => {})
  }
  say(`topics=${tally.topics} records=${tally.records} different=${tally.different}`)
  return tally.different === 0 ? 0 : 1
}

/** @throws UsageError */
export function parseFetchOptions(
  args: readonly string[],
  { broker }: Pick<World, 'broker'>,
): FetchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: 'string' },
      records: { type: 'string', default: '2000' },
      broker: { type: 'string' },
      settings: { type: 'string' },
    },
  })
  const seed = values.seed ?? `${1 + Math.floor(Math.random() * 1e6)}`
  return {
    seed: whole('seed', seed),
    records: whole('records', values.records),
    settings: settingsOf(values.broker ?? broker?.bootstrap, values.settings),
  }
}

async function compare(
  kind: KindOfTopic,
  topic: string,
  { records, seed }: FetchOptions,
  { say, broker, signal }: World,
  clients: BothClients,
  tally: Tally,
): Promise<void> {
  const { config } = kind
  await clients.direct.admin.createTopic({
    name: topic,
    partitionCount: PARTITIONS,
    replicationFactor: -1,
    config: { 'retention.ms': '-1', ...config },
  })
  await kind.write({ topic, records, random: new Random(seed + tally.topics), clients })
  const lines: string[] = []
  const parts: PartOfLog[] = []
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const ends = await clients.direct.admin.offsets({ topic, partition })
    parts.push({ topic, partition, ...ends })
  }
  const compared = async (part: PartOfLog): Promise<number> => {
    const [ours, theirs] = await Promise.all([
      clients.read(clients.direct, part, signal),
      clients.read(clients.librdkafka, part, signal),
    ])
    lines.push(...differences(`${kind.name}/${part.partition}`, ours, theirs))
    return ours.records.length
  }
  const isOver = happeningOf(kind, topic, broker)
  let read: number[]
  do {
    // Again and again while something happens, and once after it.
    read = await Promise.all(parts.map(compared))
  } while (!(await isOver()))
  tally.topics++
  const count = read.reduce((sum, each) => sum + each, 0)
  tally.records += count
  tally.different += lines.length
  say(`${kind.name}: ${count} records, ${lines.length} different`)
  for (const line of lines.slice(0, LINES_MAX)) say(`  ${line}`)
}

/** Asked after each reading: whether that was the last one. @throws what failed to happen */
function happeningOf(
  { happens }: KindOfTopic,
  topic: string,
  broker: World['broker'],
): () => Promise<boolean> {
  if (happens === undefined || broker === null) return async () => true
  let state: 'happens' | 'over' | 'read once more' = 'happens'
  let failure: unknown = null
  happens(topic, broker)
    .catch(error => {
      failure = error
    })
    .finally(() => {
      state = 'over'
    })
  return async () => {
    if (failure !== null) throw failure
    if (state === 'read once more') return true
    if (state === 'over') state = 'read once more'
    return false
  }
}

function whole(name: string, text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new UsageError(`--${name} takes a whole number above 0, not ${text}`)
}
