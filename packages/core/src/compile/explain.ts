/**
 * The plan as text: one block per sub-topology, one line per step, indented where frames branch.
 */
import { printExpr } from '../expr/print.ts'
import { inputOf, type PlanNode } from '../plan/node.ts'
import type { SourceNode } from '../plan/source.ts'
import type { PlanPart } from './sub-topologies.ts'

type Lines = { readonly [K in PlanNode['kind']]: (node: Extract<PlanNode, { kind: K }>) => string }

const LINES: Lines = {
  source: explainSource,
  filter: node => `${node.step}: ${printExpr(node.predicate)}`,
  project: node => `${node.step}: ${projected(node)}`,
  stage: node =>
    node.steps
      .map(step =>
        step.kind === 'filter'
          ? `${step.step}: ${printExpr(step.predicate)}`
          : `${step.step}: ${projected(step)}`,
      )
      .join('  |  '),
  map: node => `${node.step}: function -> ${node.schema}`,
  tap: node => `${node.step}: function`,
  key: node => `${node.step}: ${printExpr(node.expr)} as ${node.serde.name}`,
  timestamp: node => `${node.step}: ${printExpr(node.expr)}`,
  headers: node => `${node.step}: function`,
  group: node =>
    node.via === 'key'
      ? `${node.step}: ${node.columns.join(', ')} (by the record key, no repartition)`
      : `${node.step}: ${node.columns.join(', ')} -> internal topic ${node.identity}, ` +
        `rows ${node.schema}`,
  window: node => {
    const { window, groupColumns, aggregates } = node
    const by = groupColumns.length === 0 ? 'record key' : groupColumns.map(({ name }) => name)
    const calls = aggregates.map(
      ({ name, aggregate, input }) =>
        `${name}=${aggregate.name}(${input === null ? '' : printExpr(input)})`,
    )
    return (
      `${node.step}: ${window.kind} ${window.sizeMs}ms grace ${window.graceMs}ms by ${by}, ` +
      `${calls.join(', ')}, final [state ${node.identity}]`
    )
  },
  late: node => `${node.step}: records too late for ${node.from.step}`,
  'to-topic': node => `${node.step}: ${node.topic.name} (${node.topic.value.name})`,
  sink: node => `${node.step}: sink ${node.sink.name}`,
}

export function explainParts(parts: readonly PlanPart[]): string {
  return parts.map(explainPart).join('\n')
}

function explainPart(part: PlanPart): string {
  const { root, members } = part
  const head =
    root.kind === 'source'
      ? explainSource(root)
      : `internal topic ${root.identity} (from sub-topology ${part.upstream})`
  const lines = [`sub-topology ${part.id}: ${head}`]
  const childrenOf = (node: PlanNode): PlanNode[] =>
    members.filter(member => inputOf(member) === node && member !== node)
  const walk = (node: PlanNode, depth: number): void => {
    const children = childrenOf(node)
    for (const child of children) {
      const line = LINES[child.kind] as (node: PlanNode) => string
      lines.push(`${'  '.repeat(depth)}${line(child)}`)
      const isCut = child.kind === 'group' && child.via === 'repartition'
      if (!isCut) walk(child, children.length > 1 ? depth + 1 : depth)
    }
  }
  walk(root, 1)
  return lines.join('\n')
}

function explainSource(node: SourceNode): string {
  const { input, read } = node
  const columns =
    read === 'all' ? 'every column' : read.length === 0 ? 'no column' : read.join(', ')
  if (input.kind === 'source') return `source ${input.source.name}, reads ${columns}`
  const { topic } = input
  return `topic ${topic.name} (${topic.value.name}), reads ${columns}`
}

function projected(node: Extract<PlanNode, { kind: 'project' }>): string {
  const computed = node.columns
    .filter(({ name, expr }) => expr.kind !== 'column' || expr.name !== name)
    .map(({ name, expr }) => `${name}=${printExpr(expr)}`)
  const kept = node.columns
    .filter(({ name, expr }) => expr.kind === 'column' && expr.name === name)
    .map(({ name }) => name)
  return [...kept, ...computed, ...(node.omit === null ? [] : ['…'])].join(', ')
}
