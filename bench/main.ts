import { measureExtraction } from './extraction.ts'
import { measureListing } from './listing.ts'

/*
 * `npm run bench`: each figure beside another of the same run, since only their ratio says something on a machine that
 * is not yours. `npm run bench -- extraction` or `-- listing` measures one of them.
 */
const benches: Readonly<Record<string, (say: (line: string) => void) => Promise<string[]>>> = {
  extraction: measureExtraction,
  listing: measureListing,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  process.stderr.write(`There is no bench "${unknown[0]}". There are: ${Object.keys(benches).join(', ')}.\n`)
  process.exit(1)
}
for (const [name, measure] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const lines = await measure((line) => process.stderr.write(`${name}: ${line}\n`))
  process.stdout.write(`\n${lines.join('\n')}\n`)
}
