import { setTimeout as sleep } from 'node:timers/promises'
import { type CopyOrder, copyChanges, type OpenSource } from './copying.ts'
import { type CopyEnd, CopyingProcess } from './copying-process.ts'
import type { KeptCopy } from './kept-copy.ts'
import type { Dice } from './meddling.ts'
import type { Pages } from './pages.ts'

/** A run that copies Close, and what it may meet. */
export interface Copying {
  readonly order: CopyOrder
  readonly copy: KeptCopy
  readonly pages: Pages
  readonly dice: Dice
  /** Whether each process that copies is one of its own; else it is this one. */
  readonly processes: boolean
  /** How this process reads; as the connector does if left out. */
  readonly openSource: OpenSource | undefined
}

/** A run is disturbed at one of so many pages, and so long after it at most. */
const pagesBefore = 20
const longestMs = 30

/** Takes the run up and brings it to its end. */
export async function copyWhole({ order, copy, processes, openSource }: Copying): Promise<CopyEnd> {
  if (processes) return (await CopyingProcess.start(order)).ended
  await copyChanges(order, copy, new AbortController().signal, openSource)
  return 'done'
}

/** A run whose process is killed at a moment by chance; the next process goes on. */
export async function copyKilled(copying: Copying): Promise<CopyEnd> {
  const end = await (copying.processes ? killProcess(copying) : cutOff(copying))
  if (end === 'killed') await copyWhole(copying)
  return end
}

async function killProcess({ order, pages, dice }: Copying): Promise<CopyEnd> {
  const [page, delayMs] = [pages.more(1 + dice.whole(pagesBefore)), dice.whole(longestMs)]
  const process = await CopyingProcess.start(order)
  await Promise.race([page, process.ended])
  await sleep(delayMs)
  process.kill()
  return process.ended
}

/** What killing is where this process copies: the run is left as it is. */
async function cutOff({ order, copy, pages, dice, openSource }: Copying): Promise<CopyEnd> {
  const killing = new AbortController()
  const killed = new Error('killed')
  void pages.more(1 + dice.whole(pagesBefore)).then(() => killing.abort(killed))
  try {
    await copyChanges(order, copy, killing.signal, openSource)
    return 'done'
  } catch (error) {
    if (error === killed) return 'killed'
    throw error
  }
}

/**
 * A run whose process is frozen at a moment by chance. Another one takes the run up; in the middle of what that one does,
 * or after it, the first wakes. They are always processes of their own.
 * @returns how the first one ended
 */
export async function copyFrozen({ order, pages, dice }: Copying): Promise<CopyEnd> {
  const [page, delayMs] = [pages.more(1 + dice.whole(pagesBefore)), dice.whole(longestMs)]
  const wakesAfter = 1 + dice.whole(pagesBefore)
  const frozen = await CopyingProcess.start(order)
  try {
    await Promise.race([page, frozen.ended])
    await sleep(delayMs)
    if (!(await frozen.freeze())) return await frozen.ended
    const waking = pages.more(wakesAfter)
    const successor = await CopyingProcess.start(order)
    await Promise.race([waking, successor.ended])
    frozen.thaw()
    const [end, other] = await Promise.all([frozen.ended, successor.ended])
    if (other !== 'done') throw new Error(`the run was taken up, and ended as ${other}`)
    return end
  } finally {
    frozen.kill()
  }
}
