/** The programs that crash stories are told of, opened in one process on a driver. */
import { count, sum } from '../aggregate/index.ts'
import { Application } from '../api/application.ts'
import type { Topic } from '../api/topic.ts'
import { t } from '../schema/data-type.ts'
import { schema } from '../schema/schema.ts'
import { json } from '../serde/json.ts'
import { string } from '../serde/scalars.ts'
import { memoryState } from '../state/memory-backend.ts'
import { tumbling } from '../window/window.ts'
import { RULES } from './crash-oracle.ts'
import type { Place, Story } from './crash-story.ts'
import type { LastingState } from './lasting-state.ts'
import type { TestDriver } from './test-driver.ts'

const Sale = schema({ id: t.int32(), user: t.string(), team: t.string(), amount: t.int32() })

export interface Opened {
  readonly app: Application
  readonly input: Topic
  readonly output: Topic
  readonly late: Topic
}

/** The application of a process. */
export function opened(driver: TestDriver, story: Story, disk: LastingState, place: Place): Opened {
  const { program, guarantee, silence } = story
  const state = story.state === 'memory' ? memoryState() : disk.at(place)
  const options = { ...driver.options, guarantee, state, batchRecordsMax: 5 }
  const app = new Application({ id: 'story', ...options })
  const { disorder, grace, size, sizeBehind } = RULES
  const isKeyed = program === 'keyed' || program === 'stacked'
  const by = (isKeyed ? ['user'] : ['user', 'team']) as ['user', 'team']
  const key = isKeyed ? { key: string(), keyColumn: 'user' } : {}
  const input = app.topic('input', {
    ...key,
    value: json(Sale),
    disorder,
    idle: silence === 'none' ? '1h' : '2s',
  })
  const output = app.topic('output', { create: { partitions: 2 } })
  const late = app.topic('late', { create: { partitions: 1 } })
  const windows = app
    .dataframe(input)
    .groupBy(by)
    .window(tumbling(size, { grace }), { name: 'first' })
    .agg(c => ({ n: count(), total: sum(c.amount) }))
  windows.late().toTopic(late)
  if (program === 'keyed' || program === 'regrouped') windows.final().toTopic(output)
  else {
    windows
      .final()
      .drop('window_start', 'window_end')
      .groupBy(program === 'stacked' ? 'user' : 'team')
      .window(tumbling(sizeBehind), { name: 'second' })
      .agg(c => ({ n: count(), total: sum(c.total) }))
      .final()
      .toTopic(output)
  }
  return { app, input, output, late }
}
