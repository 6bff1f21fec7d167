/**
 * Which folder of packages/core/src may import which: the one place to change it.
 *
 * A folder imports only from folders above it in ORDER; NARROWER takes some of those away again.
 * Test files, `testing` and `index` import what they like. A name is a folder or a single file:
 * `errors` is errors.ts, first because everything may throw and it needs nothing.
 */

export const CORE = 'packages/core/src'

export const ORDER = [
  'errors',
  'util',
  'record',
  'schema',
  'batch',
  'expr',
  'serde',
  'aggregate',
  'window',
  'state',
  'object-store',
  'source',
  'sink',
  'lookup',
  'transport',
  'plan',
  'operator',
  'compile',
  'runtime',
  'api',
  'testing',
]

/** May import anything. */
export const FREE = ['testing', 'index']

/**
 * `never`: not even a type. `typesOnly`: `import type` is allowed.
 *
 * @type {Readonly<Record<string, { never?: readonly string[], typesOnly?: readonly string[] }>>}
 */
export const NARROWER = {
  // Contracts and what implements them know bytes and columns, not the user's expressions.
  serde: { never: ['expr'] },
  window: { never: ['expr', 'serde'] },
  state: { never: ['expr'] },
  'object-store': { never: ['expr'] },
  source: { never: ['expr'] },
  sink: { never: ['expr'] },
  lookup: { never: ['expr'] },
  transport: { never: ['expr'] },
  // A plan is data. (It comes before `operator` in ORDER, so it can't import that either.)
  plan: { typesOnly: ['state', 'source', 'sink', 'lookup', 'object-store', 'transport'] },
  // An operator is a machine; only `compile` knows it and the plan.
  operator: { never: ['plan', 'expr'] },
  runtime: { never: ['plan', 'expr', 'compile'] },
  api: { never: ['operator'] },
}
