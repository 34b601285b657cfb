import { measureAllowance } from './allowance.ts'
import type { Bench } from './bench.ts'
import { measureExtraction } from './extraction.ts'
import { measureGateway } from './gateway.ts'
import { measureGrowth } from './growth.ts'
import { measureIncremental } from './incremental.ts'
import { measureListing } from './listing.ts'
import { measureMemory } from './memory.ts'
import { measureStorm } from './storm.ts'
import { measureTokens } from './tokens.ts'
import { measureWorkers } from './workers.ts'

/*
 * `npm run bench`: compares each figure with another of the same run, since only their ratio is meaningful on another
 * machine. `npm run bench -- growth` runs one bench; `--full` takes as many rounds as docs/performance.md says. The
 * exit status is 1 if a promise was broken.
 */
const benches: Readonly<Record<string, Bench>> = {
  extraction: measureExtraction,
  incremental: measureIncremental,
  workers: measureWorkers,
  allowance: measureAllowance,
  memory: measureMemory,
  listing: measureListing,
  tokens: measureTokens,
  storm: measureStorm,
  growth: measureGrowth,
  gateway: measureGateway,
}

const asked = process.argv.slice(2).filter((word) => word !== '--full')
const options = { full: process.argv.includes('--full') }
const unknown = asked.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no bench "${unknown[0]}". There are: ${Object.keys(benches).join(', ')}.\n`)
  process.exit(1)
}
for (const [name, measure] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const { lines, faults } = await measure((line) => process.stderr.write(`${name}: ${line}\n`), options)
  process.stdout.write(`\n${lines.join('\n')}\n`)
  for (const fault of faults) process.stderr.write(`${name}: ${fault}\n`)
  if (faults.length > 0) process.exitCode = 1
}
