import type { Claim } from '@latchwork/connectors'
import { type CredentialListQuery, type Identity, newId, type Subject } from '@latchwork/contract'
import type { OpenStores } from '../../src/app/stores.ts'
import type { NewCredential } from '../../src/credentials/store/row.ts'
import type { NewOf } from '../../src/database/codec.ts'
import type { pass } from '../../src/database/pass-tables.ts'
import type { FlowRow } from '../../src/flows/store/flows.ts'
import type { RunRow } from '../../src/flows/store/run-row.ts'
import { noRecords, type RunTotals, type SavedRecords } from '../../src/flows/store/run-streams.ts'
import type { SideRow } from '../../src/flows/store/sides.ts'

export const sealedSample = { wrappedKey: 'lw1.k.n.c', fields: { apiKey: 'lw1.k.n.c' } }

export const identitySample: Identity = {
  organizationId: 'orga_1',
  organizationName: 'Nordwind GmbH',
  userId: 'user_1',
  userName: 'Anja Probe',
  userEmail: 'anja@nordwind.example',
}

export function newCredential(changes: Partial<NewCredential> = {}): NewCredential {
  const id = newId('credential')
  return {
    id,
    connector: 'close',
    method: 'api_key',
    ownerId: 'usr_1',
    name: `Credential ${id}`,
    description: '',
    tags: [],
    status: 'verified',
    reasonCode: null,
    reasonMessage: null,
    statusAt: Date.parse('2026-01-02T03:04:05.678Z'),
    identity: null,
    values: {},
    sealed: sealedSample,
    secretVersion: 1,
    grantedScope: null,
    accessTokenExpiresAt: null,
    draftExpiresAt: null,
    ...changes,
  }
}

export function newEnd(
  changes: Partial<SideRow> = {},
): Omit<SideRow, 'createdAt' | 'updatedAt' | 'lastUsedAt'> {
  const kind = changes.kind ?? 'source'
  const id = newId(kind)
  return {
    id,
    kind,
    connector: 'files',
    credentialId: null,
    ownerId: 'usr_1',
    name: `End ${id}`,
    description: '',
    config: {},
    ...changes,
  }
}

export function newFlow(
  sourceId: string,
  destinationId: string,
  changes: Partial<Omit<FlowRow, 'round' | 'watch' | 'readAt'>> = {},
): Omit<
  FlowRow,
  'paused' | 'watch' | 'readAt' | 'round' | 'scheduledAt' | 'freshAt' | 'createdAt' | 'updatedAt'
> {
  const id = newId('flow')
  return {
    id,
    name: `Flow ${id}`,
    description: '',
    ownerId: 'usr_1',
    sourceId,
    destinationId,
    streams: null,
    compare: 'weekly',
    columnNames: 'label',
    schema: null,
    schedule: null,
    nextRunAt: null,
    ...changes,
  }
}

/** A flow with a source and a destination of its own, all of one owner. */
export async function insertFlow(
  { sides, flows }: Pick<OpenStores, 'sides' | 'flows'>,
  { ownerId = 'usr_1', ...changes }: Partial<Omit<FlowRow, 'round' | 'watch' | 'readAt'>> = {},
) {
  const source = await sides.insert(newEnd({ kind: 'source', ownerId }))
  const destination = await sides.insert(newEnd({ kind: 'destination', ownerId }))
  const flow = await flows.insert(newFlow(source.id, destination.id, { ownerId, ...changes }))
  return { source, destination, flow }
}

/** As the process that begins the run, or takes it up again. */
export async function takeUp({ runs }: Pick<OpenStores, 'runs'>, id: string): Promise<RunRow> {
  const run = await runs.start(id)
  if (run === null) throw new Error('the run has ended')
  return run
}

type Counts = Omit<RunTotals, 'notices' | 'recordsDeleted'>

/** Saves a batch of the one stream of a run. */
export function saveBatch(
  { runs }: Pick<OpenStores, 'runs'>,
  held: RunRow,
  { checkpoint, ...counts }: Counts & { readonly checkpoint: unknown },
  saved: Partial<SavedRecords> = {},
): Promise<{ cancelling: boolean }> {
  const totals = { recordsDeleted: 0, ...counts, notices: [] }
  return runs.saveProgress(held, { ...totals, stream: 'leads', checkpoint }, totals, {
    ...noRecords,
    ...saved,
  })
}

/** The checkpoint of the one stream of a run. */
export async function checkpointOf({ runs }: Pick<OpenStores, 'runs'>, held: RunRow): Promise<unknown> {
  const [stream] = await runs.streamsOf(held, 'leads')
  return stream?.checkpoint ?? null
}

export function listQuery(changes: Partial<CredentialListQuery> = {}): CredentialListQuery {
  return { query: '', sort: 'name', limit: 50, ...changes }
}

/** A time `ms` from now; negative for the past. */
export function fromNow(ms: number): number {
  return Date.now() + ms
}

export const everyone: Subject = { kind: 'everyone' }

export function member(id: string): Subject {
  return { kind: 'member', id }
}

/** A member, or an administrator, without a password. */
export async function newUser(
  { kind, kysely }: Pick<OpenStores, 'kind' | 'kysely'>,
  name: string,
  role: 'admin' | 'member' = 'member',
) {
  const now = new Date().toISOString()
  const emailVerified = kind === 'sqlite' ? 0 : false
  const user = { id: newId('user'), name, email: `${name}${newId('user')}@hollowoak.example`.toLowerCase() }
  const row = { ...user, emailVerified, image: null, createdAt: now, updatedAt: now, role }
  await kysely.insertInto('user').values(row).execute()
  return user
}

/** What a destination claims in the ledger for a record. */
export const claim = (identity: string, position: number | null = null): Claim => ({
  ...{ identity, position },
  before: { identity: `before ${identity}`, ofRun: false },
})

export function newPass(changes: Partial<NewOf<typeof pass>> = {}): NewOf<typeof pass> {
  const id = newId('pass')
  return {
    id,
    ownerId: 'usr_1',
    credentialId: '',
    name: `Pass ${id}`,
    description: '',
    rules: { objects: { lead: ['read'] } },
    limits: { perSecond: null, perDay: null, addresses: [] },
    expiresAt: null,
    neverBecause: 'a test',
    tokenHash: id,
    suffix: id.slice(-4),
    ...changes,
  }
}
