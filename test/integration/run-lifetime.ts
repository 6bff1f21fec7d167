/** Servers of a whole run live as long as one may take on a slow machine with nothing in its cache. */
export const RUN_LIFETIME_MS: number = 90 * 60_000
