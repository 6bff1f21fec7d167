/**
 * What the databases say, as errors of Millrace: which of a few things happened, where, and what to
 * do. Their errors have no codes in common, so they are told apart by the words of the systems.
 */
import { type ErrorCode, MillraceError } from '@millrace/core'

interface Kind {
  readonly words: RegExp
  readonly code: ErrorCode
  readonly text: (folder: string) => string
}

const LOCKED = /While lock file|lock hold by current process|Failed to create lock file/
const NO_LOCKS = /No locks available|Function not implemented|not supported/i

/** The first kind whose words are said is meant. */
const KINDS: readonly Kind[] = [
  {
    words: /No space left|Disk quota exceeded|File too large|ENOSPC|EDQUOT|EFBIG/i,
    code: 'STATE_UNUSABLE',
    text: folder => `the disk of ${folder} is full. Make room there, or name another folder`,
  },
  {
    // Node says ENOENT where a folder can't be made on a read-only disk.
    words:
      /Permission denied|Read-only file system|not permitted|EACCES|EPERM|EROFS|ENOENT.*mkdir/i,
    code: 'STATE_UNUSABLE',
    text: folder =>
      `${folder} can't be written: it is read-only or belongs to another user. ` +
      'Give this user the right to write there, or name another folder',
  },
  {
    words: /Too many open files|EMFILE|ENFILE/i,
    code: 'STATE_UNUSABLE',
    text: folder =>
      `too many files are open to go on in ${folder}. ` +
      'Raise the limit of the process (ulimit -n), or set openFilesMax lower',
  },
  {
    words: /ENOTDIR|EEXIST|Not a directory/i,
    code: 'STATE_UNUSABLE',
    text: folder => `${folder} can't be a folder: a file is in its way. Name another folder`,
  },
  {
    words: /Corruption|(\.(sst|ldb|log)|MANIFEST-\d+): (No such file|Invalid argument)/i,
    code: 'STATE_CORRUPT',
    text: folder =>
      `the state in ${folder} is damaged. It is made again where that can be done; ` +
      'if it is not, delete that folder',
  },
]

/** Another process, or this one, has the database open. */
export function isLocked(error: unknown): boolean {
  const words = wordsOf(error)
  if (words.includes('LEVEL_LOCKED')) return !NO_LOCKS.test(words)
  return LOCKED.test(words) && (words.includes('current process') || !NO_LOCKS.test(words))
}

/** @param folder of the database, for the message. */
export function stateError(error: unknown, folder: string): MillraceError {
  if (MillraceError.is(error)) return error
  const words = wordsOf(error)
  const kind = KINDS.find(candidate => candidate.words.test(words))
  const text = kind?.text(folder) ?? `state can't be kept in ${folder}. Name another folder`
  const code = kind?.code ?? 'STATE_UNUSABLE'
  return new MillraceError(code, `${text}. The system says: ${words}`, { cause: error })
}

/** The message, and what is behind it: classic-level hides the reason in `cause`. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as NodeJS.ErrnoException
  const own = code === undefined || code === '' ? error.message : `${error.message} (${code})`
  return error.cause === undefined ? own : `${own}: ${wordsOf(error.cause)}`
}
