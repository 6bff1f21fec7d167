#!/usr/bin/env node
/** `millrace avro pull …`: what is done with schemas outside of a program. */
import { runCommand } from './run-command.ts'

process.exitCode = await runCommand(process.argv.slice(2), {
  environment: process.env,
  say: line => console.log(line),
  complain: line => console.error(line),
})
