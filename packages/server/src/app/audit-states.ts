import { credentialSaveSchema, type ResourceKind } from '@latchwork/contract'
import type { ObjectState } from '../audit/changes.ts'
import type { CredentialStore } from '../credentials/store/credentials.ts'
import { toTimeOrNull } from '../database/columns.ts'
import { everyone } from '../database/identity-tables.ts'
import type { FileStore } from '../files/store.ts'
import type { FlowStore } from '../flows/store/flows.ts'
import type { RunStore } from '../flows/store/runs.ts'
import type { SideStore } from '../flows/store/sides.ts'
import type { PassStore } from '../gateway/store/passes.ts'
import type { AccessStore } from '../identity/store/access.ts'
import type { InvitationStore } from '../identity/store/invitations.ts'
import type { MemberStore } from '../identity/store/members.ts'

type States = {
  readonly credentials: CredentialStore
  readonly sides: SideStore
  readonly flows: FlowStore
  readonly runs: RunStore
  readonly members: MemberStore
  readonly invitations: Pick<InvitationStore, 'find'>
  readonly access: AccessStore
  readonly files: FileStore
  readonly passes: Pick<PassStore, 'find'>
}

/** What people write about a credential. */
const credentialTexts = credentialSaveSchema.keyof().options

/** The present state of a thing; null if it does not exist, or if the log says nothing of its kind. */
export async function readState(stores: States, kind: string, id: string): Promise<ObjectState | null> {
  switch (kind) {
    case 'credential':
      return credentialState(stores, id)
    case 'source':
    case 'destination':
      return sideState(stores, id)
    case 'flow':
      return flowState(stores, id)
    case 'pass':
      return passState(stores, id)
    case 'file': {
      const file = await stores.files.find(id)
      if (file === null) return null
      const { name, ownerId, bytes } = file
      return { name, state: { name, ownerId, bytes, sharedWith: await sharedWith(stores, 'file', id) } }
    }
    case 'run': {
      const run = await stores.runs.find(id)
      return run === null
        ? null
        : { name: run.flowName, state: { status: run.status, cancelling: run.cancelling } }
    }
    case 'member': {
      const member = await stores.members.find(id)
      return member === null
        ? null
        : {
            name: member.name,
            state: { name: member.name, email: member.email, role: member.role },
          }
    }
    case 'invitation': {
      const invitation = await stores.invitations.find(id)
      return invitation === null ? null : { name: invitation.email, state: { ...invitation } }
    }
    default:
      return null
  }
}

async function credentialState(stores: States, id: string): Promise<ObjectState | null> {
  const row = await stores.credentials.find(id)
  if (row === null) return null
  const { name, connector, method, ownerId, status, reasonCode, values, secretVersion } = row
  const texts = Object.fromEntries(credentialTexts.map((text) => [text, row[text]]))
  const organization = row.identity?.organizationName ?? null
  const reported = { ...texts, connector, method, ownerId, status, reasonCode, values, secretVersion }
  return {
    name,
    state: { ...reported, organization, sharedWith: await sharedWith(stores, 'credential', id) },
  }
}

async function sideState(stores: States, id: string): Promise<ObjectState | null> {
  const row = await stores.sides.find(id)
  if (row === null) return null
  const { name, description, connector, credentialId, ownerId, config } = row
  return {
    name,
    state: {
      name,
      description,
      connector,
      credentialId,
      ownerId,
      config,
      sharedWith: await sharedWith(stores, row.kind, id),
    },
  }
}

async function flowState(stores: States, id: string): Promise<ObjectState | null> {
  const row = await stores.flows.find(id)
  if (row === null) return null
  const { name, description, ownerId, sourceId, destinationId, streams, schedule, paused } = row
  return {
    name,
    state: {
      name,
      description,
      ownerId,
      sourceId,
      destinationId,
      streams,
      schedule,
      paused: paused?.code ?? null,
      sharedWith: await sharedWith(stores, 'flow', id),
    },
  }
}

async function passState(stores: States, id: string): Promise<ObjectState | null> {
  const row = await stores.passes.find(id)
  if (row === null) return null
  const { name, description, ownerId, credentialId, rules, limits, expiresAt, neverBecause } = row
  const { suffix, oldTokenUntil, revokedAt, confirmWrites } = row
  return {
    name,
    state: {
      ...{ name, purpose: description, ownerId, credentialId, rules, ...limits },
      ...{ expiresAt: toTimeOrNull(expiresAt), neverBecause, suffix, confirmWrites },
      ...{ oldTokenUntil: toTimeOrNull(oldTokenUntil), revokedAt: toTimeOrNull(revokedAt) },
      sharedWith: await sharedWith(stores, 'pass', id),
    },
  }
}

/**
 * Who has which role, by the ids of subjects and the addresses of members, since anybody can choose a name. It is a
 * list, so that no id becomes the name of a property. Older entries have an object by id.
 */
async function sharedWith({ access, members }: States, kind: ResourceKind, id: string) {
  const grants = await access.grants(kind, id)
  const given = grants.filter(({ role }) => role !== 'owner')
  return Promise.all(
    given.map(async ({ member, role }) => {
      if (member === null) return { subject: { kind: 'everyone', id: everyone }, role }
      const email = (await members.find(member.id))?.email ?? ''
      return { subject: { kind: 'member', id: member.id }, role, email }
    }),
  )
}
