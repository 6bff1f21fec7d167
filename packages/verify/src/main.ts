#!/usr/bin/env node
/** `millrace-verify COMMAND …` on a cluster of one's own. */
import { runVerify } from './run-verify.ts'

process.exitCode = await runVerify(process.argv.slice(2), null)
