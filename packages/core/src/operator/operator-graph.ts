/**
 * The machines of one task, wired: batches go down from the root, event time follows, results of a
 * window go on to whatever stands behind it.
 *
 * Nodes are in topological order (a node's targets come later), so one pass in order brings a
 * watermark from the root to every leaf, each operator having emitted what was due before the ones
 * behind it hear of the new time. A batch goes down at once as long as no operator has to fetch
 * something for it; then it waits in front of that operator, and what follows it there too. Every
 * call gives a promise when it could not end at once, and no other call is made before it settles.
 */
import type { Batch } from '../batch/batch.ts'
import type { Receipt } from '../sink/sink.ts'
import type { OperatorStore } from '../state/store.ts'
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
  /** Indices of the nodes that take results of windows as they change. Default: none. */
  readonly updateTargets?: readonly number[]
}

export class OperatorGraph {
  /** Nothing of a batch is kept once it has been processed. */
  readonly letsGo: boolean
  readonly #nodes: readonly GraphNode[]
  /** Nodes that take the input's batches. */
  readonly #roots: readonly number[]
  readonly #outputs: readonly Output[]
  /** Batches in front of each node, the first of them with what is being fetched for it. */
  readonly #waiting: readonly Waiting[][]
  #waitingCount = 0
  readonly #goesInSteps: boolean
  #context!: OperatorContext
  /** Nodes fed by each node through either port. */
  readonly #parents: readonly (readonly number[])[]

  constructor(nodes: readonly GraphNode[], roots: readonly number[], letsGo = false) {
    this.letsGo = letsGo
    for (const [index, node] of nodes.entries()) {
      const areLater = targetsOf(node).every(target => target > index)
      assert(areLater, 'operators stand in topological order')
    }
    this.#nodes = nodes
    this.#roots = roots
    this.#outputs = nodes.map(({ targets, lateTargets, updateTargets = [] }, index) => ({
      emit: batch => this.#send(targets, batch),
      late: batch => this.#send(lateTargets, batch),
      update: batch => this.#send(updateTargets, batch),
      settled: () => this.#settled(index + 1),
    }))
    this.#waiting = nodes.map(() => [])
    const timed = nodes.filter(({ operator }) => operator.openWindows !== undefined)
    this.#goesInSteps = timed.length > 1 && timed.some(({ operator }) => operator.keepsOrder)
    this.#parents = nodes.map((_, index) =>
      nodes.flatMap((node, from) => (targetsOf(node).includes(index) ? [from] : [])),
    )
  }

  async open(context: OperatorContext): Promise<void> {
    this.#context = context
    for (const { operator } of this.#nodes) await operator.open?.(context)
  }

  /** Where the operators keep state. */
  get stores(): readonly OperatorStore[] {
    return this.#nodes.flatMap(({ operator }) => operator.stores ?? [])
  }

  process(batch: Batch): Promise<void> | undefined {
    this.#send(this.#roots, batch)
    return this.#waitingCount === 0 ? undefined : this.#drain(0)
  }

  /** An operator has not done everything that is due: `advance` is to be called again. */
  get isBehind(): boolean {
    return this.#nodes.some(({ operator }) => operator.isBehind === true)
  }

  /** Brings the task's watermark to every operator. */
  advance(watermark: number): Promise<void> | undefined {
    return this.#goesInSteps ? this.#advanceInSteps(watermark) : this.#advanceTo(watermark)
  }

  /**
   * Time never jumps over something due, so that what comes out in which order does not depend on
   * how far it came at once.
   */
  #advanceInSteps(
    watermark: number,
    reached = Number.NEGATIVE_INFINITY,
  ): Promise<void> | undefined {
    for (let last = reached; ; ) {
      const due = this.openWindows()?.firstDue ?? watermark
      const step = due > last && due < watermark ? due : watermark
      const pause = this.#advanceTo(step)
      if (step === watermark) return pause
      if (pause !== undefined) {
        return pause.then(() => (this.isBehind ? undefined : this.#advanceInSteps(watermark, step)))
      }
      if (this.isBehind) return undefined
      last = step
    }
  }

  #advanceTo(watermark: number): Promise<void> | undefined {
    const after: number[] = []
    return this.#pass(index => {
      const parents = this.#parents[index] as readonly number[]
      const reached =
        parents.length === 0 ? watermark : Math.min(...parents.map(p => after[p] as number))
      const { operator } = this.#nodes[index] as GraphNode
      const moved = operator.advance?.(reached, this.#outputs[index] as Output) ?? reached
      if (typeof moved === 'number') {
        after[index] = moved
        return undefined
      }
      return moved.then(value => {
        after[index] = value
      })
    })
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

  /** Wall time at which an operator has something to do; Infinity = never. */
  get wallDueAt(): number {
    const dues = this.#nodes.map(({ operator }) => operator.wallDueAt ?? Number.POSITIVE_INFINITY)
    return Math.min(Number.POSITIVE_INFINITY, ...dues)
  }

  /** Wall time at which the end of an epoch would give something out; Infinity = never. */
  get barrierDueAt(): number {
    const dues = this.#nodes.map(
      ({ operator: { barrierDueAt } }) => barrierDueAt ?? Number.POSITIVE_INFINITY,
    )
    return Math.min(Number.POSITIVE_INFINITY, ...dues)
  }

  /** Wall time `time` is in force. */
  advanceWall(time: number): Promise<void> | undefined {
    return this.#pass(index => {
      const { operator } = this.#nodes[index] as GraphNode
      return operator.advanceWall?.(time, this.#outputs[index] as Output) ?? undefined
    })
  }

  /** What the operators keep at this moment. */
  async inspect(): Promise<KeptRows[]> {
    const kept = this.#nodes.map(async ({ operator }) => (await operator.inspect?.()) ?? [])
    return (await Promise.all(kept)).flat()
  }

  /** What an operator waits for, with its name; null = none does. */
  get waitsFor(): string | null {
    for (const { operator } of this.#nodes) {
      const { name, waitsFor = null } = operator
      if (waitsFor !== null) return `${name}: ${waitsFor}`
    }
    return null
  }

  endEpoch(end: EpochEnd): Promise<void> | undefined {
    return this.#pass(index => {
      const { operator } = this.#nodes[index] as GraphNode
      return operator.endEpoch?.(end, this.#outputs[index] as Output) ?? undefined
    })
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
      const waiting = this.#waiting[target] as Waiting[]
      const { operator } = this.#nodes[target] as GraphNode
      const ready = waiting.length > 0 ? undefined : operator.prefetch?.(batch)
      if (waiting.length === 0 && ready === undefined) {
        operator.process(batch, this.#outputs[target] as Output)
        continue
      }
      // Awaited by `drain`, perhaps not at once.
      ready?.catch(() => {})
      waiting.push({ batch, ready })
      this.#waitingCount++
    }
  }

  /** Visits every node in order, each when nothing waits in front of it. */
  #pass(visit: (index: number) => Promise<void> | undefined, from = 0): Promise<void> | undefined {
    for (let index = from; index < this.#nodes.length; index++) {
      const waiting = this.#waiting[index] as Waiting[]
      const pause =
        waiting.length === 0 ? visit(index) : this.#drainNode(index).then(() => visit(index))
      if (pause !== undefined) return pause.then(() => this.#pass(visit, index + 1))
    }
    return undefined
  }

  async #drain(from: number): Promise<void> {
    for (let index = from; index < this.#nodes.length; index++) await this.#drainNode(index)
  }

  async #drainNode(index: number): Promise<void> {
    const waiting = this.#waiting[index] as Waiting[]
    const { operator } = this.#nodes[index] as GraphNode
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      await (next.ready ?? operator.prefetch?.(next.batch))
      operator.process(next.batch, this.#outputs[index] as Output)
      waiting.shift()
      this.#waitingCount--
    }
  }

  async #settled(from: number): Promise<void> {
    if (this.#waitingCount > 0) await this.#drain(from)
    await this.#context.settled()
  }
}

function targetsOf({ targets, lateTargets, updateTargets = [] }: GraphNode): readonly number[] {
  return [...targets, ...lateTargets, ...updateTargets]
}

/** A batch in front of a node. */
interface Waiting {
  readonly batch: Batch
  /** What is being fetched for it; undefined = not asked for yet. */
  readonly ready: Promise<void> | undefined
}
