import { MillraceError } from '../errors.ts'
import type { SubTopology } from '../operator/pipeline.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import type { StoreFingerprint } from './task-progress.ts'

/**
 * The stores of a task in the order of their numbers: those of its history first, whether or not
 * the plan still has them, then new ones. So a number never means two things.
 * @throws PLAN_CHANGED when a step can't read the state it left.
 */
export function storesOf(part: SubTopology, marker: EpochMarker | null): StoreFingerprint[] {
  const stores = (marker?.fingerprints ?? []).map(({ step, fingerprint }) => ({
    identity: step,
    fingerprint,
  }))
  for (const { identity, fingerprint } of part.stores) {
    const before = stores.find(store => store.identity === identity)
    if (before === undefined) stores.push({ identity, fingerprint })
    else if (before.fingerprint !== fingerprint) refuse(identity, before.fingerprint, fingerprint)
  }
  return stores
}

function refuse(identity: string, before: string, now: string): never {
  throw new MillraceError(
    'PLAN_CHANGED',
    `state ${JSON.stringify(identity)} was made by "${before}", and the step is "${now}" now. ` +
      'Go back, or give the step another name (window(…, { name })) to begin with empty state, ' +
      'or start under a new application id.',
  )
}
