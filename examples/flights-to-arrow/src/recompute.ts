/** What must come out, by plain loops over the data. */
import type { Flight } from './flights.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000

/** Rows of the files as text, sorted, each with the day of its folder. */
export function expectedRows(flights: readonly Flight[]): string[] {
  return flights
    .map(({ date, origin, destination, delay, distance }) => {
      const day = new Date(date).toISOString().slice(0, 10)
      return JSON.stringify([day, date, origin, destination, delay, distance])
    })
    .sort()
}

/** `delay = intercept + perHour * hour + perMile * distance`, in minutes. */
export interface Fit {
  readonly intercept: number
  readonly perHour: number
  readonly perMile: number
}

/** The least squares of all flights, by the formula for two variables. */
export function expectedFit(flights: readonly Flight[]): Fit {
  const hours = flights.map(({ date }) => (date % DAY_MS) / HOUR_MS)
  const miles = flights.map(({ distance }) => distance)
  const delays = flights.map(({ delay }) => delay)
  const hh = covariance(hours, hours)
  const hm = covariance(hours, miles)
  const mm = covariance(miles, miles)
  const hd = covariance(hours, delays)
  const md = covariance(miles, delays)
  const determinant = hh * mm - hm * hm
  const perHour = (hd * mm - md * hm) / determinant
  const perMile = (md * hh - hd * hm) / determinant
  const intercept = meanOf(delays) - perHour * meanOf(hours) - perMile * meanOf(miles)
  return { intercept, perHour, perMile }
}

const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, x) => sum + x, 0) / numbers.length

function covariance(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [meanOf(left), meanOf(right)]
  return meanOf(left.map((x, i) => (x - a) * ((right[i] as number) - b)))
}
