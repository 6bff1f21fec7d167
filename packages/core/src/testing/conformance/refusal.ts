import { MillraceError } from '../../errors.ts'

/** What comes out, or the code of the error it is refused with. */
export function resultOrRefusal(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    if (MillraceError.is(error)) return { refused: error.code }
    throw error
  }
}
