import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { RefreshReuse } from 'close-sandbox'
import type { MakePlace } from '../stores/database.ts'
import { Ground } from './ground.ts'
import { type Step, steps } from './orders.ts'
import type { Worker } from './worker.ts'

export const reuseModes: readonly RefreshReuse[] = [
  { mode: 'refuse' },
  { mode: 'revoke_family' },
  { mode: 'grace', seconds: 60 },
]

/** Long enough for a request to the sandbox on a busy machine, short enough to be waited for. */
const shortLeaseMs = 3000
const calm = { haltAt: null, signal: 'SIGKILL', callers: 1 } as const

export interface StormFigures {
  readonly rotations: number
  readonly tokenRequests: number
  readonly failedCallers: number
  readonly lostGrants: number
}

/** Rotations asked for by many callers in four processes at once, whose clocks are up to 20 minutes apart. */
export async function storm(
  makePlace: MakePlace,
  reuse: RefreshReuse,
  size: { readonly rotations: number; readonly callers: number; readonly seed: number },
): Promise<StormFigures> {
  await using ground = await Ground.prepare(makePlace, reuse, size.seed)
  const skews = [0, 600_000, -600_000, 1000]
  const workers = await Promise.all(skews.map((clockSkewMs) => ground.worker({ clockSkewMs })))
  const { id } = await ground.credential()
  let failedCallers = 0
  for (let generation = 0; generation < size.rotations; generation++) {
    const order = { ...calm, credentialId: id, generation, callers: size.callers / workers.length }
    const outcomes = (await Promise.all(workers.map((worker) => worker.order(order)))).flat()
    failedCallers += outcomes.filter((outcome) => outcome !== generation + 1).length
  }
  const lives = (await ground.row(id)).generation === size.rotations && (await ground.works(id))
  const tokenRequests = ground.refreshes(1)
  return { rotations: size.rotations, tokenRequests, failedCallers, lostGrants: lives ? 0 : 1 }
}

export interface EndOfCrash {
  /** The generation that the next caller got, or its error. */
  readonly next: number | string | undefined
  readonly status: string
  readonly reasonCode: string | null
  readonly intentOpen: boolean
  /** Of the one that died and of the next. */
  readonly tokenRequests: number
  /** Sent by three more callers after that. */
  readonly laterRequests: number
  readonly works: boolean
}

/** A holder is killed at each step, side by side; another process goes on. */
export async function crashes(
  makePlace: MakePlace,
  reuse: RefreshReuse,
  seed: number,
): Promise<Partial<Record<Step, EndOfCrash>>> {
  await using ground = await Ground.prepare(makePlace, reuse, seed)
  const survivor = await ground.worker({ leaseTtlMs: shortLeaseMs })
  // The fault of this one would hit the requests of the others.
  const first = await crash(ground, 'after_post', 1)
  const deaths = [first]
  for (const [at, step] of steps.filter((each) => each !== 'after_post').entries())
    deaths.push(await crash(ground, step, at + 2))
  const ends = deaths.map(async (death) => [death.step, await goOn(ground, survivor, death)] as const)
  return Object.fromEntries(await Promise.all(ends))
}

interface Death {
  readonly step: Step
  readonly credentialId: string
  readonly grantNumber: number
}

async function crash(ground: Ground, step: Step, grantNumber: number): Promise<Death> {
  const { id } = await ground.credential()
  const victim = await ground.worker({ leaseTtlMs: shortLeaseMs })
  const { control } = ground.sandbox
  if (step === 'after_post') control.addFault({ target: 'token', kind: 'hang', when: 'after' })
  const fate = victim.order({ ...calm, credentialId: id, generation: 0, haltAt: step }).then(
    () => true,
    () => false,
  )
  if (step === 'after_post') {
    while (control.requests().at(-1)?.outcome !== 'hanging') await sleep(10)
    victim.signal('SIGKILL')
  }
  if (await fate) throw new Error(`the worker lived past ${step}`)
  await victim.exited
  return { step, credentialId: id, grantNumber }
}

async function goOn(
  ground: Ground,
  survivor: Worker,
  { credentialId, grantNumber }: Death,
): Promise<EndOfCrash> {
  const order = { ...calm, credentialId, generation: 0 }
  const [next] = await survivor.order(order)
  const tokenRequests = ground.refreshes(grantNumber)
  await survivor.order({ ...order, callers: 3 })
  const { status, reasonCode, intentGeneration } = await ground.row(credentialId)
  return {
    next,
    status,
    reasonCode,
    intentOpen: intentGeneration !== null,
    tokenRequests,
    laterRequests: ground.refreshes(grantNumber) - tokenRequests,
    works: await ground.works(credentialId),
  }
}

export interface EndOfPause {
  /** What the one that was stopped got when it went on, and the other meanwhile. */
  readonly stopped: number | string | undefined
  readonly other: number | string | undefined
  readonly tokenRequests: number
  readonly generation: number
  readonly works: boolean
}

/** A holder is stopped past its lease; another refreshes meanwhile; then the first goes on. */
export async function pause(
  makePlace: MakePlace,
  reuse: RefreshReuse,
  step: Step,
  seed: number,
): Promise<EndOfPause> {
  await using ground = await Ground.prepare(makePlace, reuse, seed)
  // The clock of the one that is stopped runs as much faster as its lease is shorter.
  const slow = await ground.worker({ leaseTtlMs: shortLeaseMs, clockSpeed: 45_000 / shortLeaseMs })
  const quick = await ground.worker({ leaseTtlMs: shortLeaseMs })
  const { id } = await ground.credential()
  const order = { ...calm, credentialId: id, generation: 0 }
  const stopped = slow.order({ ...order, haltAt: step, signal: 'SIGSTOP' })
  while ((await ground.row(id)).leaseOwner === null) await sleep(10)
  const [other] = await quick.order(order)
  slow.signal('SIGCONT')
  const [late] = await stopped
  const { generation } = await ground.row(id)
  return {
    stopped: late,
    other,
    tokenRequests: ground.refreshes(1),
    generation,
    works: await ground.works(id),
  }
}

export interface EndOfOutage {
  readonly outcome: number | string | undefined
  readonly tokenRequests: number
  readonly generation: number
  readonly works: boolean
}

/** The database goes away while the answer is on its way, and comes back after `outageMs`. */
export async function outage(
  makePlace: MakePlace,
  reuse: RefreshReuse,
  size: { readonly outageMs: number; readonly seed: number },
): Promise<EndOfOutage> {
  await using ground = await Ground.prepare(makePlace, reuse, size.seed)
  await using line = await cuttableLine(ground.databaseUrl)
  const worker = await ground.worker({ databaseUrl: line.url })
  const { id } = await ground.credential()
  ground.sandbox.control.addFault({ target: 'token', kind: 'delay', when: 'after', delayMs: 500 })
  const order = worker.order({ ...calm, credentialId: id, generation: 0 })
  while (ground.refreshes(1) === 0) await sleep(10)
  line.cut()
  await sleep(size.outageMs)
  line.mend()
  const [outcome] = await order
  const { generation } = await ground.row(id)
  return { outcome, tokenRequests: ground.refreshes(1), generation, works: await ground.works(id) }
}

interface Line extends AsyncDisposable {
  readonly url: string
  cut(): void
  mend(): void
}

/** The way to a PostgreSQL, which can be cut: connections are lost, and new ones too, until it is mended. */
async function cuttableLine(databaseUrl: string): Promise<Line> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let whole = true
  const server = createServer((near) => {
    if (!whole) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port === '' ? 5432 : target.port), target.hostname)
    for (const [socket, peer] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket
        .on('error', () => undefined)
        .on('close', () => peer.destroy())
        .pipe(peer)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the line has no port')
  const url = new URL(databaseUrl)
  url.host = `127.0.0.1:${address.port}`
  const cut = () => {
    whole = false
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: url.href,
    cut,
    mend: () => {
      whole = true
    },
    [Symbol.asyncDispose]: async () => {
      cut()
      server.close()
    },
  }
}
