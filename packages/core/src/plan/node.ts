/**
 * The union of plan nodes, and generic traversal over them.
 *
 * A node is frozen data that says what the user asked for; nodes that exist are valid (their
 * factories check). A plan is the list of its outputs; nodes are shared by identity where frames
 * branch. Shared code reads the properties that nodes declare (`schema`, `key`, `isStateful`) and
 * never asks for a kind; only `compile/` lowers kinds to machines.
 */
import type { Schema } from '../schema/schema.ts'
import type { FilterNode } from './filter.ts'
import type { GroupNode } from './group.ts'
import type { HeadersNode } from './headers.ts'
import type { KeyNode } from './key.ts'
import type { KeyInfo } from './key-info.ts'
import type { LateNode } from './late.ts'
import type { LookupNode } from './lookup.ts'
import type { MapNode } from './map.ts'
import type { ProcessNode } from './process.ts'
import type { ProjectNode } from './project.ts'
import type { SinkNode } from './sink.ts'
import type { SourceNode } from './source.ts'
import type { StageNode } from './stage.ts'
import type { TapNode } from './tap.ts'
import type { TimestampNode } from './timestamp.ts'
import type { ToTopicNode } from './to-topic.ts'
import type { UpdatesNode } from './updates.ts'
import type { WindowNode } from './window.ts'

/** What every node declares. */
export interface NodeBase {
  /** The user's step, for errors, metrics and plans: `where#2`. */
  readonly step: string
  /** How many steps stand before it; gives the next step its number. */
  readonly depth: number
  /** The columns that leave the node. */
  readonly schema: Schema
  /** What is known of record keys that leave the node. */
  readonly key: KeyInfo
}

export type OutputNode = ToTopicNode | SinkNode

/** Nodes that a frame can stand on. */
export type FrameNode =
  | SourceNode
  | FilterNode
  | ProjectNode
  | StageNode
  | MapNode
  | TapNode
  | LookupNode
  | KeyNode
  | TimestampNode
  | HeadersNode
  | GroupNode
  | WindowNode
  | ProcessNode
  | LateNode
  | UpdatesNode

export type PlanNode = FrameNode | OutputNode

/** The node in front of this one; null for sources. */
export function inputOf(node: PlanNode): FrameNode | null {
  return 'from' in node ? node.from : null
}

/** Every node that the outputs stand on, each once, inputs before their users. */
export function nodesOf(outputs: readonly OutputNode[]): PlanNode[] {
  const seen = new Set<PlanNode>()
  const visit = (node: PlanNode): void => {
    if (seen.has(node)) return
    const from = inputOf(node)
    if (from !== null) visit(from)
    seen.add(node)
  }
  for (const output of outputs) visit(output)
  return [...seen]
}

/** The source at the beginning of a chain. */
export function sourceOf(node: PlanNode): SourceNode {
  let at: PlanNode = node
  for (;;) {
    const from = inputOf(at)
    if (from === null) return at as SourceNode
    at = from
  }
}

/** Name and number of a step that follows `from`. */
export function nextStep(from: FrameNode, name: string): { step: string; depth: number } {
  return { step: `${name}#${from.depth + 1}`, depth: from.depth + 1 }
}
