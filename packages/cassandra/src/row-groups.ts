/**
 * Rows that wait to be sent, in groups of one partition each, and the order in which they go.
 *
 *   add ─► group of its key ─► lane of the nodes that keep it ─► taken, with others of the lane
 *
 * Groups of a lane go in the order in which they became ready, and lanes take turns. A group that
 * may not go now (`mayGo`) is in no lane until it is offered again.
 */
import type { OutRow } from './out-row.ts'

export interface RowGroup {
  readonly key: string
  /** Names the nodes that keep the partition; null = it shares requests with no other. */
  readonly nodes: string | null
  rows: OutRow[]
  /** Of its rows. */
  weight: number
  /** Requests on their way. */
  requests: number
  isReady: boolean
}

export interface RowGroupsOptions {
  readonly nodesOf: (key: string) => string | null
  readonly mayGo: (group: RowGroup) => boolean
}

export class RowGroups {
  readonly #options: RowGroupsOptions
  readonly #groups = new Map<string, RowGroup>()
  /** Only lanes that have a group; the first is next. */
  readonly #lanes = new Map<string, Lane>()

  constructor(options: RowGroupsOptions) {
    this.#options = options
  }

  get hasReady(): boolean {
    return this.#lanes.size > 0
  }

  add(row: OutRow): void {
    const key = row.key()
    let group = this.#groups.get(key)
    if (group === undefined) {
      const nodes = this.#options.nodesOf(key)
      group = { key, nodes, rows: [], weight: 0, requests: 0, isReady: false }
      this.#groups.set(key, group)
    }
    group.rows.push(row)
    group.weight += row.weight
    this.offer(group)
  }

  /** Puts a group into its lane, if it may go and has rows; forgets it when nothing is left. */
  offer(group: RowGroup): void {
    if (group.isReady) return
    if (group.rows.length === 0) {
      if (group.requests === 0) this.#groups.delete(group.key)
      return
    }
    if (!this.#options.mayGo(group)) return
    group.isReady = true
    const name = group.nodes ?? ''
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      lane = new Lane()
      this.#lanes.set(name, lane)
    }
    lane.push(group)
  }

  /** Takes the next group out of its lane; after it the next lane has its turn. */
  take(): RowGroup {
    const [[name, lane]] = this.#lanes as unknown as [[string, Lane]]
    const group = lane.take()
    if (lane.isEmpty) this.#lanes.delete(name)
    else if (this.#lanes.size > 1) {
      this.#lanes.delete(name)
      this.#lanes.set(name, lane)
    }
    group.isReady = false
    return group
  }

  /** Takes the next group that the same nodes keep, if it weighs no more than that. */
  takeBeside({ nodes }: RowGroup, weightMax: number): RowGroup | null {
    const lane = nodes === null ? undefined : this.#lanes.get(nodes)
    if (lane === undefined || lane.first.weight > weightMax) return null
    const group = lane.take()
    if (lane.isEmpty) this.#lanes.delete(nodes as string)
    group.isReady = false
    return group
  }
}

/** First in, first out. */
class Lane {
  #groups: RowGroup[] = []
  #at = 0

  get isEmpty(): boolean {
    return this.#at === this.#groups.length
  }

  get first(): RowGroup {
    return this.#groups[this.#at] as RowGroup
  }

  push(group: RowGroup): void {
    this.#groups.push(group)
  }

  take(): RowGroup {
    const group = this.first
    this.#at++
    if (this.#at >= COMPACT_AT && this.#at * 2 >= this.#groups.length) {
      this.#groups = this.#groups.slice(this.#at)
      this.#at = 0
    }
    return group
  }
}

const COMPACT_AT = 1_024
