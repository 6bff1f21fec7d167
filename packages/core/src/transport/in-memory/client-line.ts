/**
 * The line between one client (a process) and the in-memory broker.
 *
 * Every call goes through it, so that a test can stop the client as SIGSTOP does: what it had asked
 * for and what it is told then wait, in their order, until it is let go on. A line that is never
 * let go on is a process that was killed. The broker does not notice: as long as nobody expels it,
 * a client that hangs stays in its groups.
 */
import type { FaultMoment, FaultPlan, FaultPoint } from './fault-plan.ts'

export class ClientLine {
  readonly clientId: string
  readonly #faults: FaultPlan
  /** Settles when the client goes on; null = it does not hang. */
  #held: Promise<void> | null = null
  #goOn: () => void = () => {}
  /** Calls that ask again when something has changed at the broker. */
  #asking = 0

  constructor(clientId: string, faults: FaultPlan) {
    this.clientId = clientId
    this.#faults = faults
  }

  get isHanging(): boolean {
    return this.#held !== null
  }

  /** What it does next is up to the broker, or to whoever lets it go on. */
  get isHeldUp(): boolean {
    return this.isHanging || this.#asking > 0
  }

  /** For a call that was not answered and is made again when this settles. */
  async untilChanged(change: Promise<void>): Promise<void> {
    this.#asking++
    try {
      await change
    } finally {
      this.#asking--
    }
  }

  hang(): void {
    this.#held ??= new Promise(resolve => {
      this.#goOn = resolve
    })
  }

  goOn(): void {
    this.#held = null
    this.#goOn()
  }

  /** True when a call goes straight through. */
  isClear(point: FaultPoint, moment: FaultMoment = 'before'): boolean {
    const { clientId } = this
    return this.#held === null && !this.#faults.isPlanted({ point, moment, clientId })
  }

  /** Does what the broker does for a call; at once, when the line is clear. */
  async call<T>(point: FaultPoint, effect: () => T | Promise<T>): Promise<T> {
    if (!this.isClear(point)) await this.pass(point, 'before')
    const answer = await effect()
    if (!this.isClear(point, 'after')) await this.pass(point, 'after')
    return answer
  }

  async pass(point: FaultPoint, moment: FaultMoment): Promise<void> {
    await this.awake()
    await this.#faults.meet({ point, moment, clientId: this.clientId })
    await this.awake()
  }

  /** Tells the client something, at once or when it goes on. */
  tell(say: () => void): void {
    if (this.#held === null) say()
    else void this.awake().then(say)
  }

  async awake(): Promise<void> {
    while (this.#held !== null) await this.#held
  }
}
