import type { NativeAdmin, NativeCallback } from './native-client.ts'

/**
 * Questions through a client, counted, so that it is closed when none is under way: the native
 * library ends the process when the client goes away before its answer.
 */
export class AdminCalls implements NativeAdmin {
  readonly #native: NativeAdmin
  #underWay = 0
  #isClosed = false
  #onNone: () => void = () => {}

  constructor(native: NativeAdmin) {
    this.#native = native
  }

  describeTopics: NativeAdmin['describeTopics'] = (names, options, done) =>
    this.#ask(done, answer => this.#native.describeTopics(names, options, answer))

  createTopic: NativeAdmin['createTopic'] = (topic, timeoutMs, done) =>
    this.#ask(done, answer => this.#native.createTopic(topic, timeoutMs, answer))

  createPartitions: NativeAdmin['createPartitions'] = (topic, count, timeoutMs, done) =>
    this.#ask(done, answer => this.#native.createPartitions(topic, count, timeoutMs, answer))

  listOffsets: NativeAdmin['listOffsets'] = (partitions, options, done) =>
    this.#ask(done, answer => this.#native.listOffsets(partitions, options, answer))

  /** Refuses further questions; resolves when those under way were answered, or given up. */
  close(): Promise<void> {
    this.#isClosed = true
    return new Promise(resolve => {
      this.#onNone = resolve
      if (this.#underWay === 0) resolve()
    })
  }

  #ask<T>(done: NativeCallback<T>, call: (answer: NativeCallback<T>) => void): void {
    // The code of the client for one that was closed.
    if (this.#isClosed) throw Object.assign(new Error('the transport was closed'), { code: -197 })
    this.#underWay++
    call((error, result) => {
      if (--this.#underWay === 0) this.#onNone()
      done(error, result)
    })
  }
}
