/** What two processes have to reach, in rates of one, beside a broker on the same cores. */
export interface Mark {
  readonly ratio: number
  readonly why: string
}

/** A broker that takes less leaves room for two. */
const BROKER_CORES_SMALL = 0.4
const RATIO = 1.5
/** Of the cores that are left. */
const PART = 0.75

export function markOf(cores: number, brokerCores: number): Mark {
  if (brokerCores < BROKER_CORES_SMALL) {
    return { ratio: RATIO, why: `the broker takes ${brokerCores.toFixed(2)} cores` }
  }
  // Two processes have no use for more than two cores.
  const left = Math.min(2, cores - brokerCores)
  return { ratio: PART * left, why: `${PART} × the ${left.toFixed(2)} cores the broker leaves` }
}
