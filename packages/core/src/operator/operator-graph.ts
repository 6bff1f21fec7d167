/**
 * The machines of one task, wired: batches go down from the root, event time follows, results of a
 * window go on to whatever stands behind it.
 *
 * Nodes are in topological order (a node's targets come later), so one pass in order brings a
 * watermark from the root to every leaf, each operator having emitted what was due before the ones
 * behind it hear of the new time.
 */
import type { Batch } from '../batch/batch.ts'
import type { Receipt } from '../sink/sink.ts'
import type { StateEntry } from '../state/state-backend.ts'
import { assert } from '../util/assert.ts'
import type {
  EpochEnd,
  KeptRows,
  OpenWindows,
  Operator,
  OperatorContext,
  Output,
} from './operator.ts'

export interface GraphNode {
  readonly operator: Operator
  /** Indices of the nodes that take what it emits. */
  readonly targets: readonly number[]
  /** Indices of the nodes that take late records. */
  readonly lateTargets: readonly number[]
}

export class OperatorGraph {
  readonly #nodes: readonly GraphNode[]
  /** Nodes that take the input's batches. */
  readonly #roots: readonly number[]
  readonly #outputs: readonly Output[]
  /** Nodes fed by each node through either port. */
  readonly #parents: readonly (readonly number[])[]

  constructor(nodes: readonly GraphNode[], roots: readonly number[]) {
    for (const [index, { targets, lateTargets }] of nodes.entries()) {
      const areLater = [...targets, ...lateTargets].every(target => target > index)
      assert(areLater, 'operators stand in topological order')
    }
    this.#nodes = nodes
    this.#roots = roots
    this.#outputs = nodes.map(({ targets, lateTargets }) => ({
      emit: batch => this.#send(targets, batch),
      late: batch => this.#send(lateTargets, batch),
    }))
    this.#parents = nodes.map((_, index) =>
      nodes.flatMap(({ targets, lateTargets }, from) =>
        targets.includes(index) || lateTargets.includes(index) ? [from] : [],
      ),
    )
  }

  async open(context: OperatorContext): Promise<void> {
    for (const { operator } of this.#nodes) await operator.open?.(context)
  }

  process(batch: Batch): void {
    this.#send(this.#roots, batch)
  }

  /** Brings the task's watermark to every operator. */
  advance(watermark: number): void {
    const after: number[] = []
    for (const [index, { operator }] of this.#nodes.entries()) {
      const parents = this.#parents[index] as readonly number[]
      const reached =
        parents.length === 0 ? watermark : Math.min(...parents.map(p => after[p] as number))
      const output = this.#outputs[index] as Output
      after.push(operator.advance?.(reached, output) ?? reached)
    }
  }

  /**
   * Windows still open anywhere in the graph, with the watermark of the task at which they close:
   * time reaches a window behind a window later by the delay of the first.
   */
  openWindows(): OpenWindows | null {
    const delayAfter: number[] = []
    const open = this.#nodes.flatMap(({ operator }, index) => {
      const parents = this.#parents[index] as readonly number[]
      const delay = Math.max(0, ...parents.map(p => delayAfter[p] as number))
      delayAfter.push(delay + (operator.delayMs ?? 0))
      const own = operator.openWindows?.() ?? null
      if (own === null) return []
      return [{ firstDue: own.firstDue + delay, lastDue: own.lastDue + delay }]
    })
    if (open.length === 0) return null
    return {
      firstDue: Math.min(...open.map(({ firstDue }) => firstDue)),
      lastDue: Math.max(...open.map(({ lastDue }) => lastDue)),
    }
  }

  /** What the operators keep at this moment. */
  inspect(): KeptRows[] {
    return this.#nodes.flatMap(({ operator }) => operator.inspect?.() ?? [])
  }

  endEpoch(end: EpochEnd): void {
    for (const { operator } of this.#nodes) operator.endEpoch?.(end)
  }

  /**
   * Has every sink finish the epoch that was committed last, and remove what was not.
   * @param receipts in the order that `prepare` gave them.
   */
  async recover(epoch: number, receipts: readonly Receipt[]): Promise<void> {
    let next = 0
    for (const { operator } of this.#nodes) {
      if (operator.recover === undefined) continue
      const receipt = receipts[next++]
      await operator.recover(receipt === undefined ? [] : [{ epoch, receipt }])
    }
  }

  /** First phase of all sinks; receipts in the order of the operators that have one. */
  async prepare(epoch: number): Promise<readonly Receipt[]> {
    const receipts: Receipt[] = []
    for (const { operator } of this.#nodes) {
      if (operator.prepare !== undefined) receipts.push(await operator.prepare(epoch))
    }
    return receipts
  }

  /** Second phase, with the receipts of the first. */
  async commit(epoch: number, receipts: readonly Receipt[]): Promise<void> {
    let next = 0
    for (const { operator } of this.#nodes) {
      if (operator.commit !== undefined) await operator.commit(epoch, receipts[next++] ?? null)
    }
  }

  /** Forgets what sinks took since the last prepared epoch; never throws. */
  async abort(epoch: number): Promise<void> {
    await Promise.allSettled(this.#nodes.map(async ({ operator }) => operator.abort?.(epoch)))
  }

  restore(entries: readonly StateEntry[]): void {
    for (const { operator } of this.#nodes) operator.restore?.(entries)
  }

  seal(): StateEntry[] {
    return this.#nodes.flatMap(({ operator }) => [...(operator.seal?.() ?? [])])
  }

  /** Closes every operator, also when one of them fails; throws the first failure. */
  async close(): Promise<void> {
    const closed = this.#nodes.map(async ({ operator }) => operator.close?.())
    for (const result of await Promise.allSettled(closed)) {
      if (result.status === 'rejected') throw result.reason
    }
  }

  #send(targets: readonly number[], batch: Batch): void {
    if (batch.count === 0) return
    for (const target of targets) {
      const { operator } = this.#nodes[target] as GraphNode
      operator.process(batch, this.#outputs[target] as Output)
    }
  }
}
