/**
 * How every story ends: everything comes back, time goes on until every window has closed, and what
 * came out is compared with what follows from the input.
 *
 * The page is over when all is right and stays so; what is not right by its end is wrong.
 */
import { type Found, findings } from './oracle.ts'
import { programOf } from './programs/index.ts'
import type { Program } from './programs/program.ts'
import { HORIZON, PARTITIONS, type Sale } from './programs/sale.ts'
import type { World } from './world.ts'

const ROUND_MS = 6_000
/** Rounds in a row in which all is right; a transaction may have to end before. */
const ROUNDS_RIGHT = 3
/** The most rounds without a failure that was still on its way. */
const ROUNDS_MAX = 20

/** Gives what is wrong. */
export async function lastPage(world: World): Promise<string[]> {
  world.note('everything comes back')
  await world.calmDown()
  // Input alone closes the windows where silence does not.
  if (world.story.silence === 'none') await world.feed(closers())
  const outputs = new Outputs(world)
  let wrong: string[] = []
  let right = 0
  for (let round = 0; round < ROUNDS_MAX && right < ROUNDS_RIGHT; round++) {
    const before = world.endings
    await world.start()
    await world.advance(ROUND_MS)
    wrong = await outputs.findings()
    const isQuiet = world.endings === before
    right = isQuiet && wrong.length === 0 ? right + 1 : 0
    if (!isQuiet) round = 0
  }
  return wrong
}

function closers(): Omit<Sale, 'id'>[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const timestamp = HORIZON + 24 * 3_600_000
    return { user: `z${partition}`, amount: 1, partition, timestamp }
  })
}

/** What came out so far. */
class Outputs {
  readonly #world: World
  readonly #written: object[] = []
  readonly #late: number[] = []

  constructor(world: World) {
    this.#world = world
  }

  async findings(): Promise<string[]> {
    const { story, driver, topics, sink, sales, hadZombies } = this.#world
    const program = programOf(story.program)
    for (const { value } of await driver.read(topics.output)) this.#written.push(value as object)
    for (const { value } of await driver.read(topics.late)) {
      this.#late.push((value as { id: number }).id)
    }
    const isOnce = story.guarantee === 'exactly-once'
    const isDecided = story.silence === 'decided'
    const found: Found[] = [
      {
        where: 'topic',
        results: named(this.#written, program),
        isOnce,
        mayBeOvertaken: !isOnce && hadZombies,
      },
      { where: 'sink', results: named(sink.rows, program), isOnce: true },
    ]
    const lost = sink.lost.map(name => `lost in the sink: ${name}`)
    const late = { ids: this.#late, isOnce, isDecided }
    return [...findings(program, sales, found, late), ...lost]
  }
}

function named(rows: readonly object[], { read }: Program): Map<string, string[]> {
  const results = new Map<string, string[]>()
  for (const row of rows) {
    const [name, value] = read(row as Record<string, unknown>)
    const values = results.get(name) ?? []
    values.push(value)
    results.set(name, values)
  }
  return results
}
