import { OPEN_SCHEMA } from '../schema/schema.ts'
import type { SinkContext } from '../sink/sink.ts'
import { SYSTEM_CLOCK } from '../util/clock.ts'

/**
 * What a sink is opened with where no task runs: for exams and tests. A record that cannot be
 * written throws its error.
 */
export function sinkContext(parts: Partial<SinkContext> = {}): SinkContext {
  return {
    step: 'sink#1',
    schema: OPEN_SCHEMA,
    clock: SYSTEM_CLOCK,
    key: null,
    computed: new Map(),
    recordFailed: error => {
      throw error
    },
    count: () => {},
    warn: () => {},
    ...parts,
  }
}
