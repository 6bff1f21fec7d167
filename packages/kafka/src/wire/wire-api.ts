import type { WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** One request of the protocol, in the versions we speak. */
export interface WireApi<Request, Answer> {
  readonly name: string
  readonly key: number
  readonly versions: readonly [min: number, max: number]
  /** From this version on numbers are short and fields have tags. */
  readonly flexibleFrom: number
  encode(request: Request, version: number, out: WireWriter): void
  decode(from: WireReader, version: number): Answer
}
