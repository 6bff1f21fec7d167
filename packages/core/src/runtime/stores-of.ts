/**
 * The stores of a task in the order of their numbers, and which of them must be emptied.
 *
 * A number never means two things: the stores of the task's history come first, whether or not the
 * plan still has them, then new ones. A store that the plan left is marked so in the next marker: a
 * step that comes back has missed what was read since, so its state can't be gone on with.
 */
import { MillraceError } from '../errors.ts'
import type { StoreNeed, SubTopology } from '../operator/pipeline.ts'
import type { EpochMarker } from '../record/format/epoch-marker.ts'
import type { StoreFingerprint } from './task-progress.ts'
import { optionText, type VerdictChoices } from './verdict-choices.ts'

export interface TaskStores {
  readonly stores: readonly StoreFingerprint[]
  /** Numbers of stores that begin again with nothing. */
  readonly cleared: readonly number[]
  /** What the user should hear of, a line each. */
  readonly news: readonly string[]
}

/** Before the fingerprint of a store whose step the plan has left. */
const LEFT = 'left: '

/** @throws PLAN_CHANGED when a step can't read the state it left, and nothing was chosen. */
export function storesOf(
  part: SubTopology,
  marker: EpochMarker | null,
  choice: VerdictChoices['PLAN_CHANGED'],
): TaskStores {
  const history = (marker?.fingerprints ?? []).map(({ step, fingerprint }) => ({
    identity: step,
    fingerprint,
  }))
  const news: string[] = []
  const cleared: number[] = []
  const stores = history.map((before, i): StoreFingerprint => {
    const now = part.stores.find(({ identity }) => identity === before.identity)
    const name = JSON.stringify(before.identity)
    if (now === undefined) {
      if (before.fingerprint.startsWith(LEFT)) return before
      news.push(`the plan has no step ${name} any more; its state is left`)
      return { ...before, fingerprint: `${LEFT}${before.fingerprint}` }
    }
    if (isReadable(before.fingerprint, now.fingerprint)) return { ...now }
    if (choice !== 'clear') refuse(before, now)
    cleared.push(i + 1)
    news.push(`step ${name} begins with empty state, as chosen`)
    return { ...now }
  })
  for (const { identity, fingerprint } of part.stores) {
    if (history.some(before => before.identity === identity)) continue
    stores.push({ identity, fingerprint })
    if (marker !== null) news.push(`step ${JSON.stringify(identity)} is new: its state is empty`)
  }
  return { stores, cleared, news }
}

/**
 * Fingerprints are `<windows and groups>: <name>=<aggregate>; …`. Aggregates are kept by their
 * place, so each may have another name; a name that has moved to another place means another one.
 */
function isReadable(before: string, now: string): boolean {
  const [was, is] = [partsOf(before), partsOf(now)]
  if (was.head !== is.head || was.calls.join() !== is.calls.join()) return false
  return was.names.every(
    (name, i) =>
      name === is.names[i] ||
      !(is.names.includes(name) || was.names.includes(is.names[i] as string)),
  )
}

function partsOf(fingerprint: string) {
  const [head, list] = cut(fingerprint, ': ')
  const aggregates = list.split('; ').map(each => cut(each, '='))
  return {
    head,
    names: aggregates.map(([name]) => name),
    calls: aggregates.map(([, call]) => call),
  }
}

/** At the first place where it is. */
function cut(text: string, separator: string): [before: string, behind: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}

function refuse(before: StoreFingerprint, now: StoreNeed): never {
  const name = JSON.stringify(before.identity)
  const isLeft = before.fingerprint.startsWith(LEFT)
  const text = isLeft
    ? `state ${name} was left by a plan without that step, so it has missed records since then`
    : `state ${name} was made by "${before.fingerprint}", and the step is "${now.fingerprint}" now`
  throw new MillraceError(
    'PLAN_CHANGED',
    `${text}. ${isLeft ? '' : 'Go back. '}Or have the step begin with empty state: ` +
      `${optionText('PLAN_CHANGED', 'clear')}, or under another name, window(…, { name }), which ` +
      'leaves the old state where it is. Or start under a new application id, which reads the ' +
      'input from its beginning.',
  )
}
