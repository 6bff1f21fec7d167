/** `npm run bench -- NAME` runs a benchmark; without a name it lists them. */
import { cpus, loadavg } from 'node:os'
import { type Benchmark, benchmarks } from './benchmarks.ts'
import { startLab } from './lab.ts'

const [name, ...args] = process.argv.slice(2)
const chosen = name === undefined ? undefined : benchmarks.get(name)

if (chosen === undefined) list()
else await perform(chosen)

function list(): void {
  if (name !== undefined) console.error(`There is no benchmark "${name}".\n`)
  console.log('npm run bench -- NAME, where NAME is one of:')
  for (const [each, { title }] of benchmarks) console.log(`  ${each.padEnd(14)} ${title}`)
  process.exitCode = name === undefined ? 0 : 1
}

async function perform({ run }: Benchmark): Promise<void> {
  const lab = await startLab()
  try {
    const verdicts = await run(lab, args)
    console.log(`\nmachine: ${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}`)
    console.log(
      `load average at the end: ${loadavg()
        .map(load => load.toFixed(1))
        .join(' ')}`,
    )
    for (const { isMet, text } of verdicts) {
      const word = isMet === null ? 'NO VERDICT' : isMet ? 'MET' : 'MISSED'
      console.log(`${word.padEnd(10)}  ${text}`)
    }
    process.exitCode = verdicts.every(({ isMet }) => isMet === true) ? 0 : 1
  } finally {
    await lab.close()
  }
}
