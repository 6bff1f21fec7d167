/** Makes the topics of a story and takes them away again. */
import { answer, highWatermarks, withAdmin } from '../kafka-client.ts'
import { OUTPUT_BYTES_MAX } from './refusing-broker.ts'
import { type ClientSettings, PARTITIONS, storyTopics } from './story.ts'

const ADMIN_MS = 20_000
const ASK_AGAIN_MS = 250

export async function createTopics(settings: ClientSettings, id: string): Promise<void> {
  const { input, ...outputs } = storyTopics(id)
  const base = { num_partitions: PARTITIONS, replication_factor: -1 }
  const kept = { 'retention.ms': '-1' }
  const small = { ...kept, 'max.message.bytes': `${OUTPUT_BYTES_MAX}` }
  await withAdmin(settings, async admin => {
    const create = (topic: string, config: object): Promise<void> =>
      answer(done => admin.createTopic({ topic, ...base, config }, ADMIN_MS, done))
    await create(input, kept)
    for (const topic of Object.values(outputs)) await create(topic, small)
  })
  await known(settings, [input, ...Object.values(outputs)])
}

/**
 * A new topic takes a moment to be known, and its partitions to have leaders. A client keeps in
 * mind that it was not there, so each look is that of a new one.
 */
async function known(settings: ClientSettings, topics: readonly string[]): Promise<void> {
  const partitions = topics.flatMap(topic =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })),
  )
  const deadline = performance.now() + ADMIN_MS
  for (;;) {
    try {
      await withAdmin(settings, admin => highWatermarks(admin, partitions))
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await new Promise(resolve => setTimeout(resolve, ASK_AGAIN_MS))
    }
  }
}

/** Also those that the application has made for itself, and its group. */
export async function deleteTopics(settings: ClientSettings, id: string): Promise<void> {
  await withAdmin(settings, async admin => {
    const all = await answer<readonly string[]>(done =>
      admin.listTopics({ timeout: ADMIN_MS }, done),
    )
    const ours = all.filter(topic => topic.startsWith(`${id}-`) || topic.startsWith(`${id}.`))
    for (const topic of ours) {
      await answer<void>(done => admin.deleteTopic(topic, ADMIN_MS, done))
    }
    await answer<unknown>(done => admin.deleteGroups([id], { timeout: ADMIN_MS }, done))
  })
}
