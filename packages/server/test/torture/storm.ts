import { Ground } from './ground.ts'
import type { PeerKind } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'

/** Of the four processes, from the first one's clock: two of them are 20 minutes apart. */
const clockSkewsMs = [0, 600_000, -600_000, 1000]

export interface StormFigures {
  readonly rotations: number
  readonly tokenRequests: number
  readonly failedCallers: number
  readonly lostGrants: number
}

/** Rotations, each asked for by many callers in four processes at once. */
export async function storm(
  store: StoreKind,
  peer: PeerKind,
  size: { readonly rotations: number; readonly callers: number; readonly seed: number },
): Promise<StormFigures> {
  await using ground = await Ground.prepare(store, peer, size.seed)
  const workers = await Promise.all(clockSkewsMs.map((clockSkewMs) => ground.worker({ clockSkewMs })))
  const credentialId = await ground.credential()
  let failedCallers = 0
  for (let generation = 0; generation < size.rotations; generation++) {
    const order = { credentialId, generation, callers: size.callers / workers.length }
    const outcomes = (await Promise.all(workers.map((worker) => worker.order(order)))).flat()
    failedCallers += outcomes.filter((outcome) => outcome !== generation + 1).length
  }
  const { generation } = await ground.row(credentialId)
  const lives = generation === size.rotations && (await ground.works(credentialId))
  return {
    rotations: size.rotations,
    tokenRequests: ground.line.requests(credentialId),
    failedCallers,
    lostGrants: lives ? 0 : 1,
  }
}
