import type { WireApi } from './wire-api.ts'

export interface CoordinatorAsked {
  readonly of: 'group' | 'transaction'
  /** Id of the group, or transactional id. */
  readonly id: string
}

export interface CoordinatorFound {
  readonly errorCode: number
  readonly message: string | null
  readonly brokerId: number
}

/** Who keeps a group, or a transactional id. */
export const FIND_COORDINATOR: WireApi<CoordinatorAsked, CoordinatorFound> = {
  name: 'FindCoordinator',
  key: 10,
  versions: [4, 6],
  flexibleFrom: 3,
  encode({ of, id }, _version, out) {
    out.int8(of === 'group' ? 0 : 1)
    out.compactArray([id], each => out.compactText(each)).noTags()
  },
  decode(from) {
    from.int32()
    const found = from.compactArray(13, () => {
      from.compactText()
      const brokerId = from.int32()
      from.compactText()
      from.int32()
      const errorCode = from.int16()
      const message = from.compactText()
      from.tags()
      return { errorCode, message, brokerId }
    })
    return found[0] ?? { errorCode: -1, message: null, brokerId: -1 }
  },
}
