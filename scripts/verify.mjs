/**
 * `npm run verify -- COMMAND …`: the verifier of packages/verify. Without --broker (or --settings)
 * it has a Kafka of its own, which ends with it.
 */
import { runVerify } from '@millrace/verify'
import { startKafka } from './services/kafka.mjs'

/** A broker that was killed may come again when its session is over; 9 s by default. */
const SETTINGS = { 'broker.session.timeout.ms': 4_000, 'broker.heartbeat.interval.ms': 500 }

const args = process.argv.slice(2)
const isLocal = args[0] === 'crash' && !args.some(arg => /^--(broker|settings)\b/.test(arg))
const kafka = isLocal
  ? await startKafka({ say: line => console.log(line), settings: SETTINGS })
  : null
try {
  const broker = kafka && { bootstrap: kafka.bootstrap, bounce: kafka.restart }
  process.exitCode = await runVerify(args, broker)
} finally {
  await kafka?.stop()
}
