import type { FrameNode, OutputNode } from '../plan/node.ts'
import type { ErrorPolicy } from '../record/error-policy.ts'
import type { SinkDefinition } from '../sink/sink.ts'
import type { StreamingDataFrame } from './streaming-data-frame.ts'

export interface CollectOptions {
  /**
   * Close the windows that are still open at the end. Default false; frames of arrays and files
   * always end.
   */
  readonly flush?: boolean
  /** Stops early. */
  readonly signal?: AbortSignal
}

/** What a frame needs of the application it belongs to. */
export interface FrameHost {
  readonly onError: ErrorPolicy
  /** Wraps a node. */
  frame<Row>(node: FrameNode): StreamingDataFrame<Row>
  /** Takes an output into the plan that `run` will run. */
  attach(output: OutputNode): void
  /** Reads to the end on its own: no group, no commit, no state touched. */
  collect(node: FrameNode, options: CollectOptions): Promise<object[]>
  /** As `collect`, into a sink. */
  collectInto(node: FrameNode, sink: SinkDefinition, options: CollectOptions): Promise<void>
  /** Reads on its own for as long as it is asked. */
  iterate(node: FrameNode): AsyncGenerator<object>
  explain(node: FrameNode): string
}
