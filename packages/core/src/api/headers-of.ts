import { MillraceError } from '../errors.ts'
import type { Header, Headers } from '../record/headers.ts'

/** Headers as a user's function gives them, checked. @throws FUNCTION_FAILED */
export function headersOf(
  given: readonly Header[] | Readonly<Record<string, string | Uint8Array | null>>,
): Headers {
  if (typeof given !== 'object' || given === null) return refuse(given)
  if (Array.isArray(given)) return given.map(header => header1(header?.name, header?.value))
  return Object.entries(given).map(([name, value]) => header1(name, value))
}

function header1(name: unknown, value: unknown): Header {
  if (typeof name !== 'string') return refuse(name)
  if (value === null || value instanceof Uint8Array) return { name, value }
  return typeof value === 'string' ? { name, value: Buffer.from(value, 'utf8') } : refuse(value)
}

function refuse(got: unknown): never {
  throw new MillraceError(
    'FUNCTION_FAILED',
    'the function of withHeaders must give { name: text or bytes } or a list of { name, ' +
      `value }; got ${typeof got}.`,
  )
}
