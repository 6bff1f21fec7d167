/** Verifies on a real Kafka what Millrace promises. */
export { runVerify } from './run-verify.ts'
export { verify } from './verify.ts'
export { UsageError, type World } from './world.ts'
