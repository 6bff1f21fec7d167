#!/usr/bin/env node
import { parseArgs } from 'node:util'
import { SetupError, setup } from '../native/setup.mjs'

const USAGE = `Usage: millrace-kafka-setup [--check] [--quiet] [--no-download]

Makes the native part of @confluentinc/kafka-javascript loadable: from the cache folder, as a
prebuilt binary, or by a build from source.

  --check        say whether it loads, change nothing
  --quiet        say nothing unless it fails
  --no-download  do not try the prebuilt binary`

/** Prints one line, marked with whose it is. @param {string} line */
const say = line => console.log(`millrace-kafka-setup: ${line}`)

try {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      quiet: { type: 'boolean', default: false },
      'no-download': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  if (values.help) {
    console.log(USAGE)
  } else {
    let talked = values.check
    const progress = (/** @type {string} */ line) => {
      talked = true
      if (!values.quiet) say(line)
    }
    const started = performance.now()
    const how = await setup({
      checkOnly: values.check,
      download: !values['no-download'],
      say: progress,
    })
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    if (talked) progress(`the Kafka client loads (${how}, ${seconds} s)`)
  }
} catch (thrown) {
  const error = /** @type {Error & { code?: string }} */ (thrown)
  const expected = error instanceof SetupError || error?.code?.startsWith('ERR_PARSE_ARGS')
  console.error(expected ? error.message : error)
  process.exitCode = 1
}
