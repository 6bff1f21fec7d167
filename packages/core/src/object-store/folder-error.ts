import { MillraceError } from '../errors.ts'

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full. Make room there, or name another folder',
  EDQUOT: 'The quota of this user is used up. Make room there, or name another folder',
  EFBIG: 'Files may not grow so large here. Write smaller ones, or name another folder',
  EROFS: 'The disk is read-only. Name another folder',
  EACCES: 'This user may not do so. Give it the right, or name another folder',
  EPERM: 'This user may not do so. Give it the right, or name another folder',
  EMFILE: 'Too many files are open. Raise the limit of the process (ulimit -n)',
  ENFILE: 'Too many files are open. Raise the limit of the system',
  ENOTDIR: 'A file is where a folder is needed. Move it away, or choose another name',
  EEXIST: 'A file is where a folder is needed. Move it away, or choose another name',
  EISDIR: 'A folder has this name. Move it away, or choose another name',
  ENOTEMPTY: 'A folder has this name. Move it away, or choose another name',
  ENAMETOOLONG: 'The path is too long for this disk. Choose a shorter one',
}

/** An error of the file system as one of Millrace; errors of Millrace stay what they are. */
export function storeError(error: unknown, what: string, folder: string): MillraceError {
  if (MillraceError.is(error)) return error
  const advice = WHAT_TO_DO[codeOf(error)] ?? 'Check the folder and its disk'
  const text = error instanceof Error ? error.message : String(error)
  return new MillraceError(
    'OBJECT_STORE_FAILED',
    `cannot ${what} in ${folder}: ${text}. ${advice}.`,
    { cause: error },
  )
}

/** `ENOENT` and the like; empty when the error has none. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}
