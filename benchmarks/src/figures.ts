/** Medians, spreads and tables of them. */

/** Of at least one number. */
export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5)
}

/** Nearest rank. @param part from 0 to 1. */
export function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((left, right) => left - right)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? Number.NaN
}

/** `1 234 567` */
export function grouped(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')
}

export function mib(bytes: number): string {
  return `${grouped(bytes / 1024 / 1024)} MiB`
}

/** Rows as text, columns aligned; the first one is the head. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, c) => Math.max(...rows.map(row => row[c]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, c) => cell.padEnd(widths[c] ?? 0)).join(' | ')} |`
  const [head = [], ...body] = rows
  const rule = `|${widths.map(width => '-'.repeat(width + 2)).join('|')}|`
  return [line(head), rule, ...body.map(line)].join('\n')
}
