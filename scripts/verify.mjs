/**
 * `npm run verify -- COMMAND …`: the verifier of packages/verify. Without --broker (or --settings)
 * it has a Kafka of its own, which ends with it.
 */
import { runVerify } from '@millrace/verify'
import { startKafka } from './services/kafka.mjs'

const args = process.argv.slice(2)
const isLocal = args[0] === 'crash' && !args.some(arg => /^--(broker|settings)\b/.test(arg))
const kafka = isLocal ? await startKafka({ say: line => console.log(line) }) : null
try {
  const broker = kafka && { bootstrap: kafka.bootstrap, bounce: kafka.restart }
  process.exitCode = await runVerify(args, broker)
} finally {
  await kafka?.stop()
}
