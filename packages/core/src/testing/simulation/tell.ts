/**
 * A story of accidents, told again from its seed: an application in one to three processes, input
 * in pieces, and whatever may happen to a process, a call or a disk in between.
 *
 * The last page is always the same: everything comes back, time goes on until every window has
 * closed, and what came out is compared with what follows from the input alone. Every result must
 * be there with its right value; under exactly-once, once; in the sink always once.
 */
import { lastPage } from './last-page.ts'
import type { Story, TellOptions, Told } from './story.ts'
import { World } from './world.ts'

export async function tell(story: Story, options: TellOptions = {}): Promise<Told> {
  const world = new World(story, options)
  const wrong = await wrongWith(world)
  return { story, wrong, happened: world.happened, logs: () => world.logs() }
}

async function wrongWith(world: World): Promise<readonly string[]> {
  try {
    for (let step = 0; step < world.story.steps; step++) await world.step()
    return await lastPage(world)
  } catch (error) {
    return [`it ended with ${String(error)}`]
  }
}
