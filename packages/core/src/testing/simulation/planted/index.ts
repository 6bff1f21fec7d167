import { AT_BROKER } from './at-broker.ts'
import { AT_STATE } from './at-state.ts'
import { AT_STEPS } from './at-steps.ts'
import { IN_TIME } from './in-time.ts'
import type { PlantedBug } from './planted.ts'

/** Wrong versions of parts of the runtime: stories that do not find one of them prove nothing. */
export const PLANTED_BUGS: readonly PlantedBug[] = [
  ...AT_BROKER,
  ...AT_STEPS,
  ...AT_STATE,
  ...IN_TIME,
]
