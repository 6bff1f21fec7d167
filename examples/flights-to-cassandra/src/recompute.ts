/** The rows of the table by a plain loop, as text that can be compared. */
import type { Flight } from './flights.ts'

const WEEK_MS = 7 * 86_400_000

export function expectedRows(flights: readonly Flight[]): string[] {
  const weeks = new Map<string, Flight[]>()
  for (const flight of flights) {
    const week = Math.floor(flight.date / WEEK_MS) * WEEK_MS
    const id = `${flight.origin} ${week}`
    const list = weeks.get(id)
    if (list === undefined) weeks.set(id, [flight])
    else list.push(flight)
  }
  const rows = [...weeks].map(([id, list]) => {
    const total = list.reduce((sum, { delay }) => sum + delay, 0)
    const longest = Math.max(...list.map(({ delay }) => delay))
    const destinations: Record<string, number> = {}
    for (const { destination } of list) {
      destinations[destination] = (destinations[destination] ?? 0) + 1
    }
    return rowText(id, list.length, { total, longest }, destinations)
  })
  return rows.sort()
}

export function rowText(
  id: string,
  flights: number,
  { total, longest }: { readonly total: number; readonly longest: number },
  destinations: Readonly<Record<string, number>>,
): string {
  const sorted = Object.entries(destinations).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([id, flights, total, longest, sorted])
}
