/**
 * The rules of Confluent's data contracts that stand beside a schema, as far as they have to be
 * known here: whether whoever reads or writes must run some. What they do is not looked at.
 */

type Use = 'READ' | 'WRITE'

const BOTH = 'WRITEREAD'

/** Names of the rules that are run when a record is read or written. */
export function rulesFor(ruleSet: object | null, use: Use): readonly string[] {
  const { domainRules, encodingRules } = (ruleSet ?? {}) as Readonly<Record<string, unknown>>
  return [...listOf(domainRules), ...listOf(encodingRules)].flatMap(rule => {
    if (rule['disabled'] === true) return []
    const isRun = rule['mode'] === use || rule['mode'] === BOTH
    return isRun ? [String(rule['name'])] : []
  })
}

function listOf(rules: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (!Array.isArray(rules)) return []
  return rules.filter(rule => typeof rule === 'object' && rule !== null)
}
