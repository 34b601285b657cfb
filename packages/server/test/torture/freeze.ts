import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Client, Run } from '@latchwork/contract'
import { type Sandbox, startSandbox } from 'close-sandbox'
import { leaseMs } from '../../src/jobs/timing.ts'
import { KilledServer } from '../flows/killed-server.ts'
import { closeCredential, idsOf, makeFlow, parseLines } from '../flows/moving.ts'
import { isLocked } from './is-locked.ts'
import { makePlace, type StoreKind } from './places.ts'
import { inRounds } from './rounds.ts'

const pastLeaseMs = leaseMs + 500
const endsWithinMs = 120_000
/** Close's answers take so long once the moment is near: whoever waits for them has time to write down what came. */
const nearLatencyMs = 3_000
const leads = 800
const created = 160

export interface Freezes {
  /** What was wrong with a file, or with the records in Close, that should be exactly those of the source, once each. */
  faults: string[]
  /** Rounds in which a count went back, as the page shows it. */
  wentBack: number
  /** Whether the process that was frozen lived to the end, and how often its successor took the run up. */
  ends: Record<string, number>
}

/**
 * In each round a server is frozen in the middle of a run, past its lease; another one takes the run up and goes on with
 * it; then the first wakes. By turns the run writes a file and creates leads in Close. On SQLite the lock that keeps the
 * database to one process is taken away, so that the attempts alone have to hold.
 */
export async function freeze(store: StoreKind, { rounds }: { readonly rounds: number }): Promise<Freezes> {
  const result: Freezes = { faults: [], wentBack: 0, ends: {} }
  await inRounds(rounds, async (round) => {
    await using scene = await openScene(store)
    const { run, wentBack } = await (round % 2 === 0 ? fileFrozen(scene) : createsFrozen(scene))
    result.faults.push(...(await scene.faults()))
    if (wentBack) result.wentBack += 1
    const end = `${run.status}, ${run.recordsWritten} written, taken up ${run.resumes} times, frozen one ${scene.frozen.isAlive ? 'lives' : 'ended'}`
    result.ends[end] = (result.ends[end] ?? 0) + 1
  })
  return result
}

/** How each of the rounds is to end. */
export function endsOfFreezes(rounds: number): Freezes {
  const files = Math.ceil(rounds / 2)
  const end = (written: number) => `succeeded, ${written} written, taken up 1 times, frozen one lives`
  const creates = rounds - files
  return {
    ...{ faults: [], wentBack: 0 },
    ends: { [end(leads)]: files, ...(creates === 0 ? {} : { [end(created)]: creates }) },
  }
}

interface Scene extends AsyncDisposable {
  readonly sandbox: Sandbox
  readonly frozen: KilledServer
  readonly client: Client
  readonly credentialId: string
  /** Another server of the same database and folder. */
  successor(): Promise<Client>
  faults: () => Promise<string[]>
}

async function openScene(store: StoreKind): Promise<Scene> {
  const sandbox = await startSandbox({ leads })
  const place = store === 'postgres' ? await makePlace(store) : null
  const url = place?.settings.databaseUrl?.reveal() ?? null
  const frozen = new KilledServer(url, sandbox.apiUrl)
  const others: KilledServer[] = []
  const client = await frozen.start()
  return {
    ...{ sandbox, frozen, client },
    credentialId: await closeCredential(client, sandbox),
    faults: async () => ['nothing was written'],
    successor: async () => {
      if (store === 'sqlite') await rm(join(frozen.dataDir, 'latchwork.lock'), { force: true })
      const other = new KilledServer(url, sandbox.apiUrl, frozen.dataDir)
      others.push(other)
      return other.start()
    },
    async [Symbol.asyncDispose]() {
      frozen.thaw()
      for (const other of others) await other.kill()
      await frozen.erase()
      await place?.remove()
      await sandbox.close()
    },
  }
}

async function fileFrozen(scene: Scene): Promise<Watched> {
  const { sandbox, client, credentialId, frozen } = scene
  const flowId = await makeFlow(
    client,
    { connector: 'close', credentialId, config: { object: 'leads' } },
    { connector: 'files', credentialId: null, config: { file: 'leads.jsonl' } },
  )
  const files = join(frozen.dataDir, 'files')
  scene.faults = async () => {
    const text = await readFile(join(files, 'leads.jsonl'), 'utf8')
    const truth = sandbox.control.truth(sandbox.organizations[0]?.id ?? '', 'lead')
    const [found, expected] = [idsOf(parseLines(text)), idsOf(truth)]
    const left = (await readdir(files)).filter((name) => name !== 'leads.jsonl')
    return [...differences(found, expected), ...left.map((name) => `${name} is left`)]
  }
  const answered = () =>
    sandbox.control
      .requests()
      .filter(({ path, outcome }) => path.includes('/data/search/') && outcome === 'answered')
  return watch(scene, flowId, {
    latencyMs: 150,
    isNear: () => answered().length > 2,
    isMoment: ({ recordsWritten }) => recordsWritten > 0,
  })
}

async function createsFrozen(scene: Scene): Promise<Watched> {
  const { sandbox, client, credentialId, frozen } = scene
  const names = Array.from({ length: created }, (_, index) => `Frozen ${String(index).padStart(4, '0')}`)
  await writeFile(
    join(frozen.dataDir, 'files/in.jsonl'),
    names.map((name) => JSON.stringify({ name })).join('\n'),
  )
  const mapping = JSON.stringify([{ from: 'name', to: 'name' }])
  const flowId = await makeFlow(
    client,
    { connector: 'files', credentialId: null, config: { file: 'in.jsonl' } },
    { connector: 'close', credentialId, config: { object: 'leads', mode: 'create', mapping } },
  )
  const organizationId = sandbox.organizations[0]?.id ?? ''
  const made = () =>
    sandbox.control
      .truth(organizationId, 'lead')
      .map((lead) => String(lead['name']))
      .filter((name) => name.startsWith('Frozen '))
      .sort()
  scene.faults = async () => differences(made(), names)
  // With all that it may send at once on its way, and nothing about to be sent: what a process sends that was frozen in the
  // instant between the intent and the sending, nobody can call back.
  const open = () =>
    sandbox.control.requests().filter(({ method, outcome }) => method === 'POST' && outcome === 'open')
  return watch(scene, flowId, {
    latencyMs: 300,
    isNear: () => sandbox.control.count(organizationId, 'lead') - leads > created / 4,
    isMoment: () => open().length === 6,
  })
}

/** What is missing, and what is there too often. */
function differences(found: readonly string[], expected: readonly string[]): string[] {
  const times = Map.groupBy(found, (each) => each)
  return [
    ...expected.filter((each) => !times.has(each)).map((each) => `${each} is missing`),
    ...[...times]
      .filter(([, all]) => all.length > 1)
      .map(([each, all]) => `${each} is there ${all.length} times`),
    ...found.filter((each) => !expected.includes(each)).map((each) => `${each} should not be there`),
  ]
}

interface Watched {
  readonly run: Run
  readonly wentBack: boolean
}

/** When a server is frozen. */
interface Moment {
  /** How long each answer of Close takes. */
  readonly latencyMs: number
  isNear(): boolean
  isMoment(run: Run): boolean
}

async function watch(scene: Scene, flowId: string, moment: Moment): Promise<Watched> {
  const { client, frozen, successor, sandbox } = scene
  sandbox.control.setLatency(moment.latencyMs)
  const { id } = await client.flows.run({ params: { id: flowId } })
  const before = await freezeAt(scene, () => client.runs.get({ params: { id } }), moment)
  await sleep(pastLeaseMs)
  const other = await successor()
  const now = () => other.runs.get({ params: { id } })
  let last = await until(now, (run) => run.resumes > 0)
  let wentBack = last.recordsWritten < before.recordsWritten
  let awake = false
  for (const begunMs = Date.now(); last.finishedAt === null; ) {
    if (Date.now() - begunMs > endsWithinMs) throw new Error(`the run has not ended: ${JSON.stringify(last)}`)
    await sleep(50)
    const next = await now()
    wentBack ||= next.recordsWritten < last.recordsWritten
    // In the middle of what its successor does.
    if (!awake && next.recordsWritten > before.recordsWritten) {
      awake = true
      frozen.thaw()
    }
    last = next
  }
  frozen.thaw()
  sandbox.control.setLatency(0)
  // Time for the one that was frozen to do harm.
  await sleep(2_000)
  const run = await now()
  return { run, wentBack: wentBack || run.recordsWritten < last.recordsWritten }
}

/**
 * On SQLite, who is frozen in the middle of a write keeps the file locked: nobody can take over until it goes on. So
 * Close is made slow when the moment is near, until the server has nothing left to write.
 * @returns how far the run was before
 */
async function freezeAt(
  { frozen: server, sandbox }: Scene,
  look: () => Promise<Run>,
  { latencyMs, isNear, isMoment }: Moment,
): Promise<Run> {
  for (;;) {
    const before = await look()
    for (const begunMs = Date.now(); !isNear(); await sleep(2)) {
      if (Date.now() - begunMs > 100) break
    }
    if (isNear()) {
      sandbox.control.setLatency(nearLatencyMs)
      if (isMoment(before)) {
        server.freeze()
        if (!isLocked(join(server.dataDir, 'latchwork.db'))) {
          sandbox.control.setLatency(latencyMs)
          return before
        }
        server.thaw()
      }
      await sleep(5)
    }
    if (before.finishedAt !== null) throw new Error(`the run did not come so far: ${JSON.stringify(before)}`)
  }
}

async function until(look: () => Promise<Run>, isThere: (run: Run) => boolean): Promise<Run> {
  for (const begunMs = Date.now(); ; ) {
    const run = await look()
    if (isThere(run)) return run
    if (run.finishedAt !== null || Date.now() - begunMs > endsWithinMs) {
      throw new Error(`the run did not come so far: ${JSON.stringify(run)}`)
    }
    await sleep(50)
  }
}
