import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSandbox, type TimestampSpelling } from 'close-sandbox'
import { differenceOf } from './copy-differences.ts'
import type { CopyOrder, OpenSource } from './copying.ts'
import type { CopyEnd } from './copying-process.ts'
import { type Copying, copyFrozen, copyKilled, copyWhole } from './disturbed-copies.ts'
import { KeptCopy } from './kept-copy.ts'
import { Dice, Meddling } from './meddling.ts'
import { Pages } from './pages.ts'
import { inRounds } from './rounds.ts'
import { openBySkip } from './skip-paging.ts'

export interface LosslessSizes {
  readonly rounds: number
  /** Leads in the largest of them. */
  readonly leads: number
  /** Whether a process of its own copies, and is killed; else a run is cut off within this one. */
  readonly processes: boolean
  readonly seed: number
  /** Whether nobody does anything meanwhile. */
  readonly quiet?: boolean
}

/** Rounds by how the copy differs from Close in the end; `{ equal: rounds }` where it never does. */
export type Differences = Readonly<Record<string, number>>

interface Played {
  readonly differences: Differences
  /** How the processes ended whose runs were disturbed. */
  readonly ends: ReadonlySet<CopyEnd>
}

/** By turns: half of the rounds are killed. */
const turns = [copyWhole, copyKilled, copyFrozen, copyKilled]
/** Another reader than the connector's reads in this process alone. */
const cutOffTurns = [copyWhole, copyKilled, copyWhole, copyKilled]
/** The first of so many rounds is of the largest size: over time one with each turn. */
const largestEvery = 49
const fewestLeads = 20
const spellings: readonly TimestampSpelling[] = ['documented', 'offset', 'naive', 'zulu']

/**
 * Of each round: Close is copied by incremental runs while people edit, insert, delete and merge after every page. Half of
 * the rounds are killed at a moment by chance; in a quarter a process is frozen, another takes its run up, and the first
 * wakes. Then people stop, one more run follows, and the copy is compared.
 */
export async function lossless(
  sizes: LosslessSizes,
): Promise<{ copies: Differences; wasKilled: boolean; wasTaken: boolean }> {
  const { differences, ends } = await playRounds(sizes)
  return { copies: differences, wasKilled: ends.has('killed'), wasTaken: ends.has('taken') }
}

/** The same with a reader by `_skip`: whether it is right as long as nobody does anything, and loses records otherwise. */
export async function losingBySkip(sizes: LosslessSizes): Promise<{ quiet: Differences; loses: boolean }> {
  const quiet = await playRounds({ ...sizes, quiet: true }, openBySkip)
  const { lost = 0 } = (await playRounds(sizes, openBySkip)).differences
  return { quiet: quiet.differences, loses: lost > 0 }
}

async function playRounds(sizes: LosslessSizes, openSource?: OpenSource): Promise<Played> {
  const differences: Record<string, number> = {}
  const ends = new Set<CopyEnd>()
  await inRounds(sizes.rounds, async (number) => {
    const difference = await playRound(sizes, number, ends, openSource)
    if (difference !== 'equal' && openSource === undefined)
      process.stderr.write(`lossless, seed ${sizes.seed}, round ${number}: ${difference}\n`)
    const kind = difference.replace(/:.*/, '')
    differences[kind] = (differences[kind] ?? 0) + 1
  })
  return { differences, ends }
}

async function playRound(
  { leads: most, processes, seed, quiet = false }: LosslessSizes,
  number: number,
  ends: Set<CopyEnd>,
  openSource: OpenSource | undefined,
): Promise<string> {
  const dice = new Dice(seed * 1_000 + number)
  // Small ones are more frequent.
  const chance = number % largestEvery === 0 ? 1 : dice.whole(1_001) / 1_000
  const leads = Math.round(fewestLeads * (most / fewestLeads) ** chance)
  const sandbox = await startSandbox({ leads, seed: `${seed} ${number}` })
  const folder = await mkdtemp(join(tmpdir(), 'latchwork-copy-'))
  const copy = new KeptCopy(join(folder, 'copy.sqlite'))
  try {
    sandbox.control.setTimestamps(dice.pick(spellings))
    const order: CopyOrder = {
      ...{ file: join(folder, 'copy.sqlite'), apiUrl: sandbox.apiUrl },
      ...{ apiKey: sandbox.apiKeys[0]?.key ?? '', organizationId: sandbox.organizations[0]?.id ?? '' },
      deletions: number % 8 < 4 ? 'remove' : 'mark',
    }
    const pages = new Pages()
    const copying: Copying = {
      ...{ order, copy, pages, dice, openSource },
      processes: processes && openSource === undefined,
    }
    const meddling = quiet ? null : new Meddling(sandbox, dice)
    sandbox.control.onListPage({
      ...{
        path: '/api/v1/**',
        method: openSource === undefined ? 'POST' : 'GET',
        afterPages: 1,
        repeat: true,
      },
      do: () => {
        meddling?.step()
        pages.next()
      },
    })
    sandbox.control.setEventLag(dice.whole(3) * 30_000)
    const turn = (openSource === undefined ? turns : cutOffTurns)[number % turns.length] ?? copyWhole
    for (let each = 0; each < 2; each += 1) {
      copy.newRun()
      ends.add(await turn(copying))
      sandbox.control.advanceClock(dice.whole(4) * 600_000)
    }
    sandbox.control.clearListPageScripts()
    // What the log is late with, by a clock that may have been set back.
    sandbox.control.advanceClock(300_000)
    copy.newRun()
    await copyWhole(copying)
    return differenceOf(sandbox, copy)
  } finally {
    copy.close()
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}
