/** Writes the tests that the code of the README and the guide makes; vitest does so by itself. */
import { ROOT } from './command.mjs'
import { writeDocTests } from './doc-tests/generate.mjs'

writeDocTests(ROOT)
