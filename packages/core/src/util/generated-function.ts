/**
 * The one place where code is made from text.
 *
 * The text comes from our emitters alone: names and values of users are in it only as string
 * literals, or not at all (they are passed in an array). Functions are kept by their text, the
 * least used longest ago goes first. Where the process forbids it
 * (`--disallow-code-generation-from-strings`) everything is interpreted.
 */

type AnyFunction = (...args: never[]) => unknown

const KEPT_MAX = 512
const CODE_LENGTH_MAX = 64 * 1024

const kept = new Map<string, AnyFunction>()
let isAllowed: boolean | null = null

/** Another body for what is generated; tests plant bugs with it. */
export type GeneratedChange = (parameters: readonly string[], body: string) => string

let change: GeneratedChange | null = null

/**
 * Changes the text of every function that is generated from here on; null = no longer. What was
 * made before is made anew when it is asked for again.
 */
export function changeGenerated(by: GeneratedChange | null): void {
  change = by
  kept.clear()
}

/** Whether this process may make functions from text; asked once. */
export function canGenerate(): boolean {
  if (isAllowed === null) {
    try {
      isAllowed = new Function('return true')() === true
    } catch {
      isAllowed = false
    }
  }
  return isAllowed
}

/** A function of these parameters; null where that is forbidden, or the code is too long. */
export function generatedFunction<F extends AnyFunction>(
  parameters: readonly string[],
  body: string,
): F | null {
  if (!canGenerate() || body.length > CODE_LENGTH_MAX) return null
  const text = `${parameters}\n${body}`
  const known = kept.get(text) ?? made(parameters, change?.(parameters, body) ?? body)
  kept.delete(text)
  kept.set(text, known)
  if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value as string)
  return known as F
}

function made(parameters: readonly string[], body: string): AnyFunction {
  return new Function(...parameters, `'use strict'\n${body}`) as AnyFunction
}
