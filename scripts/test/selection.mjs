/** The test projects of vitest.config.ts, in the order in which they run. */
export const PROJECTS = [
  'core',
  'kafka',
  'rocksdb',
  'cassandra',
  'avro',
  'arrow',
  's3',
  'verify',
  'scripts',
  'differential',
  'examples',
  'docs',
  'integration',
  'integration-alone',
  'integration-cassandra',
  'consumer',
]

/** Run when they are named, and only then: three nodes of Cassandra take minutes to start. */
export const ON_DEMAND = ['integration-nodes']

/**
 * What `npm test -- …` asks for: no arguments mean all; a `--project` names one (again for more);
 * a file or another argument of vitest's means tests only.
 *
 * @param {readonly string[]} args
 * @returns {{ checks: boolean, projects: string[], rest: string[] }}
 */
export function selectionOf(args) {
  if (args.length === 0) return { checks: true, projects: [...PROJECTS], rest: [] }
  const named = []
  const rest = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--project') named.push(args[++i] ?? '')
    else if (arg.startsWith('--project=')) named.push(arg.slice('--project='.length))
    else rest.push(arg)
  }
  const known = ['checks', ...PROJECTS, ...ON_DEMAND]
  const unknown = named.filter(name => !known.includes(name))
  if (unknown.length > 0) {
    throw new Error(`No test project "${unknown[0]}"; there are ${known.join(', ')}.`)
  }
  const projects = named.filter(name => name !== 'checks')
  return {
    checks: named.includes('checks'),
    projects: named.length === 0 ? [...PROJECTS] : projects,
    rest,
  }
}
