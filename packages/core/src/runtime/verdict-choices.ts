/**
 * What the user may decide where state and the group disagree (docs/guide/upgrading.md). Without a
 * choice the run stops with the verdict as its error, and the error names the choices.
 *
 * A choice is about the moment a task is opened: it says with what state, and from where, the task
 * goes on. It is committed before the next record, so it is made once.
 */
import { MillraceError } from '../errors.ts'

export interface VerdictChoices {
  /**
   * The group's offset of a task with state was moved by something else.
   *
   * `keep`: the state counts; reading goes on where it ends, and the offset is set back. `follow`:
   * the offset counts; the state of the task is cleared.
   */
  readonly OFFSETS_MOVED?: 'keep' | 'follow'
  /**
   * The changelog of a task is gone or was cut.
   *
   * `follow`: the state of the task is empty, reading goes on at the group's offset. `replay`: the
   * same, and the input is read again from the earliest record.
   */
  readonly STATE_LOST?: 'follow' | 'replay'
  /** `clear`: a step that can't read the state it finds begins with none; others keep theirs. */
  readonly PLAN_CHANGED?: 'clear'
  /**
   * `clear`: windows whose keys have moved between tasks begin with empty state. What is behind a
   * regrouping keeps its state, as no key has moved there.
   */
  readonly PARTITIONS_CHANGED?: 'clear'
  /** `keep`: a source that is resumed has another name and the same data; reading goes on. */
  readonly SOURCE_CHANGED?: 'keep'
}

/** Every choice there is. */
const VERDICT_CHOICES: {
  readonly [K in keyof VerdictChoices]-?: readonly NonNullable<VerdictChoices[K]>[]
} = {
  OFFSETS_MOVED: ['keep', 'follow'],
  STATE_LOST: ['follow', 'replay'],
  PLAN_CHANGED: ['clear'],
  PARTITIONS_CHANGED: ['clear'],
  SOURCE_CHANGED: ['keep'],
}

/** The option as it is written, for the texts of verdicts. */
export function optionText<K extends keyof VerdictChoices>(
  verdict: K,
  choice: NonNullable<VerdictChoices[K]>,
): string {
  return `run({ accept: { ${verdict}: '${choice}' } })`
}

/** @throws INVALID_ARGUMENT for what is no choice. */
export function checkChoices(accept: VerdictChoices): void {
  for (const [verdict, choice] of Object.entries(accept)) {
    const choices: readonly string[] = Object.hasOwn(VERDICT_CHOICES, verdict)
      ? VERDICT_CHOICES[verdict as keyof VerdictChoices]
      : []
    if (choice === undefined || choices.includes(choice)) continue
    const known = Object.entries(VERDICT_CHOICES)
      .map(([name, values]) => `${name}: ${values.map(value => `'${value}'`).join(' or ')}`)
      .join('; ')
    throw new MillraceError(
      'INVALID_ARGUMENT',
      `accept takes ${known}; got ${verdict}: ${JSON.stringify(choice)}.`,
    )
  }
}
