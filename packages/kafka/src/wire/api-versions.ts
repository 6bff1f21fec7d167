import type { WireApi } from './wire-api.ts'

export interface BrokerVersions {
  readonly errorCode: number
  /** By the key of the request. */
  readonly ranges: ReadonlyMap<number, readonly [min: number, max: number]>
}

/** The oldest form, which every broker answers. */
export const API_VERSIONS: WireApi<null, BrokerVersions> = {
  name: 'ApiVersions',
  key: 18,
  versions: [0, 0],
  flexibleFrom: 3,
  encode: () => {},
  decode(from) {
    const errorCode = from.int16()
    const ranges = from.array(6, () => [from.int16(), [from.int16(), from.int16()]] as const)
    return { errorCode, ranges: new Map(ranges) }
  },
}
