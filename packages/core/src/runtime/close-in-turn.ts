import { MillraceError } from '../errors.ts'

/** Takes every step, also when one of them fails; throws the first failure. */
export async function closeInTurn(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  let failure: unknown
  for (const step of steps) await step().catch(error => (failure ??= error))
  if (failure === undefined) return
  throw MillraceError.is(failure)
    ? failure
    : new MillraceError('INTERNAL', `closing failed: ${String(failure)}`, { cause: failure })
}
