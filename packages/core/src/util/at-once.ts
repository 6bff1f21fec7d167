/** Does some work for each of some things, begun in their order, so many at most at a time. */
export async function eachAtOnce<T>(
  things: readonly T[],
  most: number,
  work: (thing: T, nth: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let nth = next++; nth < things.length; nth = next++) await work(things[nth] as T, nth)
  }
  await Promise.all(Array.from({ length: Math.min(most, things.length) }, worker))
}
