import { API_VERSIONS } from './api-versions.ts'
import type { WireApi } from './wire-api.ts'

/** Level by name, of what the whole cluster has agreed on. */
export type Features = ReadonlyMap<string, number>

/** The tag of finalized features in the answer. */
const FINALIZED = 2

/** What the brokers of a cluster can do together (KIP-584), in the answer that tells versions. */
export const FEATURES: WireApi<null, Features> = {
  name: 'ApiVersions',
  key: API_VERSIONS.key,
  versions: [3, 3],
  flexibleFrom: 3,
  encode(_, __, out) {
    out.compactText('millrace').compactText('0').noTags()
  },
  decode(from) {
    from.int16()
    from.compactArray(7, () => {
      from.skip(6)
      from.tags()
    })
    from.int32()
    const features = new Map<string, number>()
    for (let left = from.unsigned(); left > 0; left--) {
      const tag = from.unsigned()
      const size = from.unsigned()
      if (tag !== FINALIZED) {
        from.skip(size)
        continue
      }
      from.compactArray(6, () => {
        features.set(from.compactText() ?? '', from.int16())
        from.int16()
        from.tags()
      })
    }
    return features
  },
}
