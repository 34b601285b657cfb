import { deepStrictEqual } from 'node:assert/strict'
import { divideBudget } from '../budget/crowd.ts'
import { outliveGrant } from './dead-grant.ts'
import { endsOfFreezes, freeze } from './freeze.ts'
import { fuzz } from './fuzz.ts'
import { endsOfKills, kills, killsAtAnyMoment } from './kills.ts'
import { losingBySkip, lossless } from './lossless.ts'
import { outage } from './outages.ts'
import { endsOfPauses, pauses } from './pauses.ts'
import { type PeerKind, peerKinds } from './peer-kinds.ts'
import type { StoreKind } from './places.ts'
import { refuseApp } from './refused-app.ts'
import { refuseEveryToken } from './refused-token.ts'
import { endsOfRunOutages, runOutages } from './run-outages.ts'
import { losses, spendToken } from './spent-token.ts'
import { storm } from './storm.ts'

export interface Sizes {
  /** Whether proofs in which no token comes twice meet the servers that treat it mildly, too. */
  readonly mildPeers: boolean
  readonly rotations: number
  /** Of each step. */
  readonly killRounds: number
  /** Of six refreshes. */
  readonly momentRounds: number
  /** Of each place. */
  readonly pauseRounds: number
  readonly outageMs: number
  /** Of a run. */
  readonly freezeRounds: number
  readonly runOutageMs: number
  /** Of one OAuth app. */
  readonly credentials: number
  /** Of each operation of the API, half of them valid. */
  readonly requests: number
  readonly copyRounds: number
  /** In the largest round. */
  readonly copyLeads: number
  /** Whether each run is a process of its own. */
  readonly copyProcesses: boolean
  readonly crowdSeconds: number
  /** The part of what Close allows that a crowd has to use at least. */
  readonly crowdUse: number
}

/** What `npm test` runs. */
export const smallSizes: Sizes = {
  mildPeers: false,
  rotations: 3,
  killRounds: 1,
  momentRounds: 1,
  pauseRounds: 1,
  outageMs: 9000,
  freezeRounds: 2,
  runOutageMs: 4000,
  credentials: 20,
  requests: 3,
  copyRounds: 4,
  copyLeads: 40,
  copyProcesses: false,
  crowdSeconds: 6,
  // A busy machine loses time at the beginning of windows.
  crowdUse: 0.8,
}
/** What `npm run torture` runs. */
export const fullSizes: Sizes = {
  mildPeers: true,
  rotations: 1000,
  killRounds: 50,
  momentRounds: 10,
  pauseRounds: 5,
  outageMs: 30_000,
  freezeRounds: 10,
  runOutageMs: 60_000,
  credentials: 100,
  requests: 400,
  copyRounds: 200,
  copyLeads: 10_000,
  copyProcesses: true,
  crowdSeconds: 60,
  crowdUse: 0.95,
}

/** One proof on one store against one peer. */
export interface Case {
  readonly proof: string
  /** For people, with the numbers of the requirements that it holds. */
  readonly title: string
  readonly store: StoreKind
  readonly peer: string
  readonly size: string
  /** @throws AssertionError that says what was measured and what it should have been */
  prove(): Promise<void>
}

interface Measured {
  readonly title: string
  readonly size: string
  readonly measure: () => Promise<unknown>
  readonly expected: unknown
}

type Proof = (store: StoreKind, peer: PeerKind, sizes: Sizes, seed: number) => Measured

const callers = 200
const away = { outcome: 1, other: 1, tokenRequests: 1, works: true }

/** Beyond the refresh itself these need Close's API, and how it treats a used token does not matter to them. */
export const withCloseOnly: ReadonlySet<string> = new Set([
  'refused-app',
  'refused-token',
  'described-answers',
  'freeze',
  'outage-of-a-run',
  'lossless',
  'lossless-by-skip',
  'crowd',
  ...losses.map((loss) => `spent-token (${loss})`),
])
/** Those that need no database of the server run once; what several processes share is in PostgreSQL. */
const onOneStore: Readonly<Record<string, StoreKind>> = {
  lossless: 'sqlite',
  'lossless-by-skip': 'sqlite',
  crowd: 'postgres',
}
/** In these no token comes twice, and the requests are counted: the servers that then end the grant are the strictest. */
const sentOnce: ReadonlySet<string> = new Set(['storm', 'outage', 'outage-past-lease', 'dead-grant'])
/** So many are refreshed side by side when the first refusal comes. */
const mostRequests = 10

const proofs: Record<string, Proof> = {
  storm: (store, peer, { rotations }, seed) => ({
    title: '#18 200 callers in 4 processes, clocks 10 minutes apart: one token request for each rotation',
    size: `${rotations} rotations`,
    measure: () => storm(store, peer, { rotations, callers, seed }),
    expected: { rotations, tokenRequests: rotations, failedCallers: 0, lostGrants: 0 },
  }),
  kills: (store, peer, { killRounds: rounds }, seed) => ({
    title: '#16 #20 a process killed at each step: it ends as defined, and nothing more is sent',
    size: `6 steps, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    measure: () => kills(store, peer, { rounds, seed }),
    expected: endsOfKills(peer, rounds),
  }),
  'kills-at-any-moment': (store, peer, { momentRounds: rounds }, seed) => ({
    title: '#16 #20 a process killed at any moment: it ends in one of the defined states',
    size: `${6 * rounds} refreshes, ${rounds} ${rounds === 1 ? 'kill' : 'kills'}`,
    measure: () => killsAtAnyMoment(store, peer, { rounds, seed }),
    expected: { defined: 6 * rounds, undefined: {} },
  }),
  pauses: (store, peer, { pauseRounds: rounds }, seed) => ({
    title: '#19 a holder stopped past its lease, its clock moved meanwhile: it sends nothing when it goes on',
    size: `5 places, ${rounds} ${rounds === 1 ? 'round' : 'rounds'}`,
    measure: () => pauses(store, peer, { rounds, seed }),
    expected: endsOfPauses(peer, rounds),
  }),
  outage: (store, peer, { outageMs }, seed) => ({
    title: '#16 #20 the database away during a save: the pair is saved when it is back',
    size: `${outageMs / 1000} s away, lease 45 s`,
    measure: () => outage(store, peer, { outageMs, leaseTtlMs: null, seed }),
    expected: away,
  }),
  'outage-past-lease': (store, peer, { outageMs }, seed) => ({
    title: '#16 #20 the database away past the lease: the pair is saved before another process sends',
    size: `${outageMs / 1000} s away, lease ${(outageMs * 0.75) / 1000} s`,
    measure: () => outage(store, peer, { outageMs, leaseTtlMs: outageMs * 0.75, seed }),
    expected: away,
  }),
  'dead-grant': (store, peer, _, seed) => ({
    title: '#21 a grant that was ended costs one token request in a week',
    size: '168 hours, 7 processes',
    measure: () => outliveGrant(store, peer, seed),
    expected: { tokenRequests: 1, outcomes: { grant_rejected: 2 * 168 } },
  }),
  'refused-app': (store, _, { credentials }) => {
    const paused = { 'failed, oauth_client_rejected': credentials }
    return {
      title:
        'a refused OAuth app: one alert, its credentials are paused, and resume with a new secret in one',
      size: `${credentials} credentials`,
      measure: () => refuseApp(store, { credentials, mostRequests }),
      expected: {
        refused: paused,
        later: paused,
        fewRequests: true,
        laterRequests: 0,
        resumed: { fine: credentials },
        alerts: ['app_rejected', 'app_recovered'],
      },
    }
  },
  'refused-token': (store) => ({
    title: '#26 an API that always answers 401: two calls and one refresh, then failed',
    size: '1 credential, 4 uses',
    measure: () => refuseEveryToken(store),
    expected: {
      status: 'failed',
      reason: 'grant_rejected',
      apiCalls: 2,
      tokenRequests: 1,
      later: { token: 0, status: 'failed' },
    },
  }),
  freeze: (store, _, { freezeRounds: rounds }) => ({
    title:
      'a server frozen in the middle of a run, past its lease: its successor ends the run, and nothing is doubled',
    size: `${rounds} rounds`,
    measure: () => freeze(store, { rounds }),
    expected: endsOfFreezes(rounds),
  }),
  'outage-of-a-run': (store, _, { runOutageMs }) => ({
    title:
      'Close, its token endpoint, the destination or the own database away in the middle of a run: it waits and goes on',
    size: `7 parts, each ${runOutageMs / 1000} s away`,
    measure: () => runOutages(store, runOutageMs),
    expected: endsOfRunOutages,
  }),
  lossless: (_store, _peer, { copyRounds: rounds, copyLeads: leads, copyProcesses: processes }, seed) => ({
    title:
      'an edit, an insert, a deletion and a merge after every page, half of the runs killed, others frozen and woken: the next run makes the copy equal',
    size: `${rounds} rounds, up to ${leads} leads`,
    measure: () => lossless({ rounds, leads, processes, seed }),
    expected: { copies: { equal: rounds }, wasKilled: true, wasTaken: true },
  }),
  'lossless-by-skip': (_store, _peer, { copyRounds }, seed) => {
    const rounds = Math.min(copyRounds, 10)
    return {
      title: 'the same by `_skip` loses records, so that the proof can fail',
      size: `${rounds} rounds, up to 40 leads`,
      measure: () => losingBySkip({ rounds, leads: 40, processes: false, seed }),
      expected: { quiet: { equal: rounds }, loses: true },
    }
  },
  crowd: (_store, _peer, { crowdSeconds: seconds, crowdUse: least }) => ({
    title:
      'four flows and six passes on three keys in three processes: they use what Close allows, send nothing while told to wait, and none gets less than half of its share',
    size: `${seconds} s`,
    measure: () => divideBudget({ seconds, least }),
    expected: { used: `at least ${least}`, leastShare: 'at least 0.5', sentWhileToldToWait: 0 },
  }),
  'described-answers': (store, _, { requests: each }, seed) => ({
    title:
      'any request, by the description of the API or not: only answers that it describes, no fault of the server',
    size: `${each} requests of each operation`,
    measure: async () => {
      const { faults, manySucceeded } = await fuzz(store, { each, seed })
      return { faults, manySucceeded }
    },
    expected: { faults: [], manySucceeded: true },
  }),
}

for (const loss of losses) {
  proofs[`spent-token (${loss})`] = (store) => ({
    title: `#20 #21 a spent token whose answer was lost (${loss}) is sent once more in a week, and its reason stays`,
    size: '7 processes, 14 checks',
    measure: () => spendToken(store, loss),
    expected: { tokenRequests: 2, states: ['failed, lost_rotation'] },
  })
}

export const proofNames: readonly string[] = Object.keys(proofs)

function storesOf(proof: string): readonly StoreKind[] {
  const only = onOneStore[proof]
  return only === undefined ? ['sqlite', 'postgres'] : [only]
}

function peersOf(proof: string, { mildPeers }: Sizes): readonly PeerKind[] {
  if (withCloseOnly.has(proof)) return peerKinds.slice(0, 1)
  return mildPeers || !sentOnce.has(proof)
    ? peerKinds
    : peerKinds.filter(({ onReuse }) => onReuse === 'revokes')
}

/** Every proof on every store against every peer that it is meant for. */
export function casesOf(sizes: Sizes, seed: number): Case[] {
  return Object.entries(proofs).flatMap(([proof, prepare]) =>
    storesOf(proof).flatMap((store) =>
      peersOf(proof, sizes).map((peer) => {
        const { title, size, measure, expected } = prepare(store, peer, sizes, seed)
        const prove = async () => deepStrictEqual(await measure(), expected)
        return { proof, title, store, peer: `${peer.name}, ${peer.onReuse} reuse`, size, prove }
      }),
    ),
  )
}
