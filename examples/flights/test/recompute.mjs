/**
 * The results of the example, computed again by a program that shares nothing with it: no Millrace,
 * no file of `src`. Prints a line of JSON per airport and week.
 */
import { readFileSync } from 'node:fs'

const DAY_MS = 24 * 60 * 60 * 1000
const file = new URL('../data/flights-20k.json', import.meta.resolve('vega-datasets'))
const weeks = {}

for (const { date, delay, distance, origin } of JSON.parse(readFileSync(file, 'utf8'))) {
  if (delay > 360) continue
  const time = new Date(`${date.replaceAll('/', '-').replace(' ', 'T')}:00Z`).getTime()
  const week = Math.floor(time / DAY_MS / 7)
  weeks[`${origin} ${week}`] ??= { origin, week, delays: [], distances: [] }
  weeks[`${origin} ${week}`].delays.push(delay)
  weeks[`${origin} ${week}`].distances.push(distance)
}

for (const { origin, week, delays, distances } of Object.values(weeks)) {
  const total = delays.reduce((sum, delay) => sum + delay, 0)
  const result = {
    origin,
    window_start: week * 7 * DAY_MS,
    window_end: (week + 1) * 7 * DAY_MS,
    flights: delays.length,
    late: delays.filter(delay => delay >= 15).length,
    long_haul: distances.filter(distance => distance >= 1500).length,
    mean_delay: total / delays.length,
    worst_delay: Math.max(...delays),
  }
  console.log(JSON.stringify(result))
}
