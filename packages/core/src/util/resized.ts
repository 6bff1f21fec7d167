/** A typed array of so many elements that begins with what `from` has; the rest is 0. */
export function resized<T extends Uint8Array | Int32Array | Float64Array>(
  from: T,
  length: number,
): T {
  const make = from.constructor as new (length: number) => T
  const to = new make(length)
  to.set(from)
  return to
}
