import { expect, test } from 'vitest'
import { rulesFor } from './schema-rules.ts'

test('rules are those of the mode, of domain and encoding, that are not off', () => {
  const rule = (name: string, mode: string, more = {}) => ({ name, mode, ...more })
  const ruleSet = {
    migrationRules: [rule('m', 'UPGRADE')],
    domainRules: [rule('r', 'READ'), rule('w', 'WRITE'), rule('off', 'READ', { disabled: true })],
    encodingRules: [rule('both', 'WRITEREAD'), null, 'odd'],
  }
  expect(rulesFor(ruleSet, 'READ')).toEqual(['r', 'both'])
  expect(rulesFor(ruleSet, 'WRITE')).toEqual(['w', 'both'])
  expect(rulesFor(null, 'READ')).toEqual([])
  expect(rulesFor({ domainRules: 'odd' }, 'READ')).toEqual([])
})
