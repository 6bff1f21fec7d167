/** What a user says of a source outside Kafka beside the source itself. */
import { MillraceError } from '../errors.ts'
import { requireThat } from './step.ts'

/** How an application reads a source outside Kafka. */
export interface SourceOptions {
  /**
   * The name under which is kept how far the source was read: a run that begins after a crash, or
   * after a run that has ended, goes on there. It names a topic, `<id>.<name>.source`. Default:
   * none, and every run reads the source from its beginning.
   */
  readonly resume?: string
}

const NAME = /^[a-zA-Z0-9._-]{1,100}$/

/**
 * The name given; null = the source is not resumed.
 * @throws INVALID_ARGUMENT, NOT_SUPPORTED
 */
export function resumeName(options: SourceOptions, hasBroker: boolean): string | null {
  const unknown = Object.keys(options).filter(name => name !== 'resume')
  requireThat(unknown.length === 0, 'dataframe(source, …) takes { resume }', unknown[0])
  const { resume } = options
  if (resume === undefined) return null
  requireThat(
    typeof resume === 'string' && NAME.test(resume),
    'resume is a name of 1 to 100 letters, digits, dots, underscores and hyphens',
    resume,
  )
  if (hasBroker) return resume
  throw new MillraceError(
    'NOT_SUPPORTED',
    'where a source goes on is kept in Kafka, and the application has no broker. Give it one, ' +
      'broker: kafka({ … }), or leave out resume: the source is read from its beginning then.',
  )
}
