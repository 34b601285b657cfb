import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Sandbox, startSandbox, type TimestampSpelling } from 'close-sandbox'
import { bundleOf } from '../../../../tools/test-processes/bundle.ts'
import {
  type CopiedStream,
  type CopyOrder,
  copied,
  copiedKinds,
  copyChanges,
  type OpenSource,
} from './copying.ts'
import { KeptCopy } from './kept-copy.ts'
import { Dice, Meddling } from './meddling.ts'
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

const program = join(import.meta.dirname, 'copying-child.ts')
const fewestLeads = 20
const spellings: readonly TimestampSpelling[] = ['documented', 'offset', 'naive', 'zulu']

/**
 * Of each round: Close is copied by incremental runs while people edit, insert, delete and merge after every page, and
 * half of the rounds are killed at a page by chance. Then they stop, one more run follows, and the copy is compared.
 */
export async function lossless(sizes: LosslessSizes): Promise<Differences> {
  return playRounds(sizes)
}

/** The same with a reader by `_skip`: whether it is right as long as nobody does anything, and loses records otherwise. */
export async function losingBySkip(sizes: LosslessSizes): Promise<{ quiet: Differences; loses: boolean }> {
  const quiet = await playRounds({ ...sizes, quiet: true }, openBySkip)
  const { lost = 0 } = await playRounds(sizes, openBySkip)
  return { quiet, loses: lost > 0 }
}

async function playRounds(sizes: LosslessSizes, openSource?: OpenSource): Promise<Differences> {
  const differences: Record<string, number> = {}
  await inRounds(sizes.rounds, async (number) => {
    const difference = await playRound(sizes, number, openSource)
    if (difference !== 'equal' && openSource === undefined)
      process.stderr.write(`lossless, seed ${sizes.seed}, round ${number}: ${difference}\n`)
    const kind = difference.replace(/:.*/, '')
    differences[kind] = (differences[kind] ?? 0) + 1
  })
  return differences
}

async function playRound(
  { leads: most, processes, seed, quiet = false }: LosslessSizes,
  number: number,
  openSource: OpenSource | undefined,
): Promise<string> {
  const dice = new Dice(seed * 1_000 + number)
  // Small ones are more frequent.
  const leads = Math.round(fewestLeads * (most / fewestLeads) ** (dice.whole(1_001) / 1_000))
  const sandbox = await startSandbox({ leads, seed: `${seed} ${number}` })
  const folder = await mkdtemp(join(tmpdir(), 'latchwork-copy-'))
  const copy = new KeptCopy(join(folder, 'copy.sqlite'))
  try {
    sandbox.control.setTimestamps(dice.pick(spellings))
    const order: CopyOrder = {
      ...{ file: join(folder, 'copy.sqlite'), apiUrl: sandbox.apiUrl },
      ...{ apiKey: sandbox.apiKeys[0]?.key ?? '', organizationId: sandbox.organizations[0]?.id ?? '' },
      deletions: number % 4 < 2 ? 'remove' : 'mark',
    }
    const isKilled = number % 2 === 1
    const meddling = quiet ? null : new Meddling(sandbox, dice)
    const run = async (killedAtPage: number | null) => {
      copy.newRun()
      for (let killAt = killedAtPage; ; killAt = null) {
        if (await copyOnce(order, copy, { sandbox, killAt, processes, openSource, meddling })) return
      }
    }
    sandbox.control.setEventLag(dice.whole(3) * 30_000)
    for (let each = 0; each < 2; each += 1) {
      await run(isKilled ? 1 + dice.whole(20) : null)
      sandbox.control.advanceClock(dice.whole(4) * 600_000)
    }
    sandbox.control.clearListPageScripts()
    // What the log is late with, by a clock that may have been set back.
    sandbox.control.advanceClock(300_000)
    copy.newRun()
    await copyOnce(order, copy, { sandbox, killAt: null, processes, openSource, meddling: null })
    return differenceOf(sandbox, copy)
  } finally {
    copy.close()
    await sandbox.close()
    await rm(folder, { recursive: true, force: true })
  }
}

interface Copying {
  readonly sandbox: Sandbox
  /** The page at which it is killed. */
  readonly killAt: number | null
  readonly processes: boolean
  readonly openSource: OpenSource | undefined
  /** Null: nobody does anything. */
  readonly meddling: Meddling | null
}

/** Resolves with whether the run came to its end. */
async function copyOnce(order: CopyOrder, copy: KeptCopy, copying: Copying): Promise<boolean> {
  const { sandbox, killAt, processes, openSource, meddling } = copying
  const aborted = new AbortController()
  const killed = new Error('killed')
  let pages = 0
  sandbox.control.clearListPageScripts()
  sandbox.control.onListPage({
    ...{ path: '/api/v1/**', method: openSource === undefined ? 'POST' : 'GET', afterPages: 1, repeat: true },
    do: () => {
      meddling?.step()
      pages += 1
      if (pages === killAt) aborted.abort(killed)
    },
  })
  if (processes && openSource === undefined) return copyInProcess(order, aborted.signal)
  try {
    await copyChanges(order, copy, aborted.signal, openSource)
    return true
  } catch (error) {
    if (error === killed) return false
    throw error
  }
}

async function copyInProcess(order: CopyOrder, killing: AbortSignal): Promise<boolean> {
  const child = fork(await bundleOf(program), [JSON.stringify(order)], { execArgv: [], stdio: 'inherit' })
  killing.addEventListener('abort', () => child.kill('SIGKILL'))
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.once('exit', (...ended) => resolve(ended))
  })
  if (signal === 'SIGKILL') return false
  if (code !== 0) throw new Error(`the copying process ended with ${code ?? signal}`)
  return true
}

/** `equal`, or what is not: how many records are lost, left over or old, by stream. */
function differenceOf(sandbox: Sandbox, copy: KeptCopy): string {
  const faults: string[] = []
  const kinds: string[] = []
  for (const stream of Object.keys(copied) as CopiedStream[]) {
    const truth = new Map(truthOf(sandbox, stream).map((record) => [String(record['id']), record]))
    const records = copy.records(stream)
    const missing = [...truth.keys()].filter((id) => !records.has(id))
    const surplus = [...records.keys()].filter((id) => !truth.has(id))
    const old = [...truth].flatMap(([id, record]) => {
      const own = records.get(id)
      return own === undefined || textOf(own, stream) === textOf(record, stream) ? [] : [id]
    })
    if (missing.length > 0) kinds.push('lost')
    else if (surplus.length > 0) kinds.push('left over')
    else if (old.length > 0) kinds.push('old')
    for (const [what, all] of Object.entries({ lost: missing, 'left over': surplus, old })) {
      if (all.length > 0) faults.push(`${all.length} ${stream} ${what}, ${all[0]}`)
    }
  }
  const [worst] = ['lost', 'left over', 'old'].filter((kind) => kinds.includes(kind))
  return worst === undefined ? 'equal' : `${worst}: ${faults.join('; ')}`
}

type Shown = Readonly<Record<string, unknown>>

function truthOf(sandbox: Sandbox, stream: CopiedStream): Shown[] {
  const all = (type: string): Shown[] => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
  const types = { leads: 'lead', contacts: 'contact', opportunities: 'opportunity', tasks: 'task' } as const
  return stream === 'activities' ? copiedKinds.flatMap((kind) => all(`activity.${kind}`)) : all(types[stream])
}

/** What is copied of a record, however its dates are spelled. */
function textOf(record: Shown, stream: CopiedStream): string {
  const values = ['id', ...copied[stream]].map((name) => sorted(record[name] ?? null))
  return JSON.stringify(values).replaceAll(/(\d\d:\d\d:\d\d\.\d{6})(?:Z|\+00:00)?"/g, '$1"')
}

/** The members of objects, and what stands in lists of objects, in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      // A name that is copied from another record is as old as the record that shows it.
      .filter(([name]) => name !== 'contact_name')
      .map(([name, each]) => [name, sorted(each)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
