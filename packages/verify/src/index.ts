/** Verifies on a real Kafka what Millrace promises. */
export { runVerify } from './run-verify.ts'
export { UsageError, verify, type World } from './verify.ts'
