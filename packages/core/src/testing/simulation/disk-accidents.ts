/**
 * What may happen to the local disk of a process: it loses the last batches with the machine's
 * power, is torn, full, deleted, or set back to an older copy. Nothing of it may change a result:
 * local state is only a copy of what the changelog has.
 */
import type { Accident } from './accidents.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { PLACES, type Place } from './story.ts'
import type { World } from './world.ts'

/** Longer than local state is trusted, and than Kafka keeps tombstones. */
const NIGHT_MS = 25 * 3_600_000

export const DISK_ACCIDENTS: readonly Accident[] = [
  { name: 'a kill is planted in a write', weight: 3, happens: plantKillInWrite },
  { name: 'a machine loses its power', weight: 2, happens: losePower },
  { name: 'a disk is full for a while', weight: 2, happens: fill },
  { name: 'there is room again', weight: 3, happens: makeRoom },
  { name: 'a disk is copied', weight: 2, happens: copy },
  { name: 'a copy takes the place of a disk', weight: 2, happens: putBack },
  { name: 'a disk is deleted', weight: 1, happens: wipe },
  { name: 'nothing runs for a night', weight: 2, happens: sleepOverNight },
]

function plantKillInWrite(world: World): void {
  const { chance, traps } = world
  const moment = chance.pick(['before', 'after'] as const)
  const skip = chance.below(6)
  world.note(`${moment} a write, after ${skip}`)
  const end = ending(world)
  traps.atWrite(moment, skip, end)
}

function losePower(world: World): void {
  const process = world.anyAwake()
  if (process !== null) ending(world)(process)
}

/** The process is killed; its disk has everything, or not the last of it, or something torn. */
function ending(world: World): (process: SimulatedProcess) => void {
  const { chance, disk } = world
  const kind = chance.pick(['whole', 'tail', 'tail', 'torn'] as const)
  const lost = 1 + chance.below(6)
  return process => {
    world.crash(process)
    if (kind === 'tail') disk.loseTail(process.place, lost)
    if (kind === 'torn') disk.tear(process.place)
    if (kind !== 'whole') world.note(`its disk: ${kind} ${lost}`)
  }
}

function fill(world: World): void {
  const place = anyPlace(world)
  world.disk.fill(place, true)
  world.lasting.push(() => world.disk.fill(place, false))
}

function makeRoom(world: World): void {
  for (const place of PLACES) world.disk.fill(place, false)
}

function copy(world: World): void {
  world.disk.copy(anyPlace(world))
}

function putBack(world: World): void {
  const place = anyPlace(world)
  vacate(world, place)
  if (world.disk.putBack(place)) world.note(`at ${place}`)
}

function wipe(world: World): void {
  const place = anyPlace(world)
  vacate(world, place)
  world.disk.wipe(place)
}

/** Whoever runs there is killed. */
function vacate(world: World, place: Place): void {
  const process = world.processes.get(place)
  if (process !== undefined) world.crash(process)
}

async function sleepOverNight(world: World): Promise<void> {
  for (const process of [...world.processes.values()]) {
    if (!world.driver.broker.isHanging(process.name)) world.crash(process)
  }
  world.isNight = true
  await world.advance(NIGHT_MS)
  world.isNight = false
  world.compactChangelogs(true)
}

function anyPlace(world: World): Place {
  return world.chance.pick(PLACES.slice(0, world.story.processes))
}
