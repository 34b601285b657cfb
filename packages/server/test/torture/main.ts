/*
 * The proofs at full size: `npm run torture`, which names a PostgreSQL in LATCHWORK_TEST_POSTGRES_URL. Progress goes to
 * standard error, the table to standard output. Exit status 0 if every proof holds.
 */
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type Case, casesOf, fullSizes, proofNames, smallSizes } from './catalogue.ts'

const usage = `npm run torture -- [--seed N] [--only NAME,...] [--store sqlite|postgres] [--small]; NAME: ${proofNames.join(', ')}.`
const casesAtOnce = 4
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1))
const say = (line: string) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`)

interface Result {
  readonly proved: Case
  readonly seconds: number
  readonly fault: string | null
}

/** What was asked for. @throws Error that says what is wrong with it */
function readArguments(): { seed: number; cases: Case[] } {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      only: { type: 'string' },
      store: { type: 'string' },
      small: { type: 'boolean' },
    },
  })
  const seed = values.seed === undefined ? randomInt(1_000_000) : Number(values.seed)
  if (!Number.isSafeInteger(seed)) throw new Error(`"${values.seed}" is no whole number`)
  const only = values.only?.split(',')
  const unknown = only?.find((name) => !proofNames.includes(name))
  if (unknown !== undefined) throw new Error(`there is no proof "${unknown}"`)
  const cases = casesOf(values.small ? smallSizes : fullSizes, seed)
  const chosen = cases.filter(
    ({ proof, store }) => (only?.includes(proof) ?? true) && (values.store ?? store) === store,
  )
  if (chosen.length === 0) throw new Error(`there is no store "${values.store}"`)
  return { seed, cases: chosen }
}

async function run(cases: readonly Case[]): Promise<Result[]> {
  const results: Result[] = []
  const waiting = [...cases]
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const name = `${next.proof} on ${next.store} against ${next.peer}, ${next.size}`
      say(`begun: ${name}`)
      const begunAtMs = performance.now()
      const fault = await next.prove().then(
        () => null,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      )
      const seconds = Math.round((performance.now() - begunAtMs) / 1000)
      results.push({ proved: next, seconds, fault })
      say(
        `${results.length} of ${cases.length} ${fault === null ? 'holds' : 'FAILED'} (${seconds} s): ${name}`,
      )
      if (fault !== null) say(fault)
    }
  }
  await Promise.all(Array.from({ length: casesAtOnce }, work))
  return results.toSorted((a, b) => cases.indexOf(a.proved) - cases.indexOf(b.proved))
}

function toTable(results: readonly Result[]): string {
  const row = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |\n`
  const head = row(['proof', 'store', 'peer', 'size', 'seconds', 'result']) + row(Array(6).fill('---'))
  const rows = results.map(({ proved, seconds, fault }) =>
    row([proved.proof, proved.store, proved.peer, proved.size, seconds, fault === null ? 'holds' : 'FAILED']),
  )
  return head + rows.join('')
}

try {
  const { seed, cases } = readArguments()
  process.stdout.write(`Seed ${seed} on Node ${process.version}\n`)
  const results = await run(cases)
  const failed = results.filter(({ fault }) => fault !== null).length
  process.stdout.write(
    `${toTable(results)}${results.length - failed} hold, ${failed} failed (seed ${seed})\n`,
  )
  process.exitCode = failed === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`)
  process.exitCode = 1
}
