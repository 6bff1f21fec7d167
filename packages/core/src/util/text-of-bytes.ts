import { generatedFunction } from './generated-function.ts'

type ShortText = (data: Uint8Array, start: number, size: number) => string | null

const SHORT_BYTES_MAX = 16

const shortText = generatedFunction<() => ShortText>([], shortTextCode())?.() ?? (() => null)

/**
 * Text of valid UTF-8, `data[start, end)`. Clear version: `data.toString('utf8', start, end)`.
 * Perf: a call into Node takes 50 ns whatever the length; ASCII of up to 16 bytes made here takes
 * 8 to 26 (Node 20, 22 and 24; rows of Avro with three texts: `npm run bench -- avro`).
 */
export function textOfBytes(data: Buffer, start: number, end: number): string {
  return shortText(data, start, end - start) ?? data.toString('utf8', start, end)
}

/** A case for each size, as what is made of characters in a loop is made of many strings. */
function shortTextCode(): string {
  const cases = Array.from({ length: SHORT_BYTES_MAX }, (_, last) => {
    const bytes = Array.from({ length: last + 1 }, (_, i) => `b${i}`)
    return `case ${bytes.length}: {
      const ${bytes.map((name, i) => `${name} = data[start + ${i}]`)}
      return (${bytes.join(' | ')}) < 128 ? textOf(${bytes}) : null
    }`
  })
  return `const textOf = String.fromCharCode
    return (data, start, size) => {
      switch (size) {
        case 0: return ''
        ${cases.join('\n')}
        default: return null
      }
    }`
}
