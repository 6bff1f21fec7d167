import { isKeyedBy } from '../../plan/key-info.ts'
import { onInput, type Rule, rewrite } from './rule.ts'

/** A grouping by what the record key already holds needs no internal topic. */
export const reuseKey: Rule = {
  name: 'reuse-key',
  apply: outputs =>
    rewrite(outputs, (node, from) => {
      const moved = onInput(node, from)
      if (moved.kind !== 'group' || !isKeyedBy(moved.from.key, moved.columns)) return moved
      return Object.freeze({ ...moved, via: 'key' as const })
    }),
}
