/**
 * The generated code that finds out which field a name is.
 *
 * The bytes of a name enter the code as numbers, so no name can be taken for code. A record with
 * an escape in a name is left to the clear decoder before it comes here.
 */

/**
 * The bytes of a name in a record; null when it can only be written with escapes, so that no
 * plain record has it.
 */
function nameBytes(name: string): Buffer | null {
  return JSON.stringify(name) === `"${name}"` ? Buffer.from(name) : null
}

/** A condition: `data` holds `bytes` at `at`; the caller has checked that there are so many. */
function bytesMatch(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const parts: string[] = []
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) {
    parts.push(`view.getInt32(at + ${at}, true) === ${view.getInt32(at, true)}`)
  }
  for (; at < bytes.length; at++) parts.push(`data[at + ${at}] === ${bytes[at]}`)
  return parts.length === 0 ? 'true' : parts.join(' && ')
}

/** A switch over what is expected: sets `field` and steps behind name and colon if it comes. */
export function expectedNameCode(names: readonly string[]): string {
  const cases = names.map((name, field) => {
    if (nameBytes(name) === null) return ''
    const bytes = Buffer.from(`"${name}":`)
    return `case ${field}:
      if (at + ${bytes.length} <= end && ${bytesMatch(bytes)}) {
        field = ${field}
        at += ${bytes.length}
      }
      break`
  })
  return `switch (expected) {
    ${cases.join('\n')}
  }`
}

/** A switch over the length of a name whose bytes begin at `at`: sets `field`. */
export function anyNameCode(names: readonly string[]): string {
  const bySize = new Map<number, string[]>()
  for (const [field, name] of names.entries()) {
    const bytes = nameBytes(name)
    if (bytes === null) continue
    const tests = bySize.get(bytes.length) ?? []
    tests.push(`if (${bytesMatch(bytes)}) field = ${field}`)
    bySize.set(bytes.length, tests)
  }
  const cases = [...bySize].map(([size, tests]) => `case ${size}:\n${tests.join('\nelse ')}\nbreak`)
  return `switch (size) {
    ${cases.join('\n')}
  }`
}
