import {
  type DeletedCredential,
  endpoints,
  isOtherAccount,
  LatchworkError,
  type MoveUsage,
  type User,
} from '@latchwork/contract'
import { toTime } from '../../database/columns.ts'
import { type HttpApp, registerEndpoint } from '../../http/endpoint.ts'
import type { Authentication } from '../../identity/authentication.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import { identityChanged } from '../records/checking.ts'
import type { CredentialView } from '../records/view.ts'
import { hasGrantEnded } from '../refresh/refresh-plan.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { DeletedCredentialStore } from '../store/deleted.ts'
import type { CredentialChange } from '../store/row.ts'
import { keepDeletedMs } from './deleting.ts'
import type { Credentials } from './service.ts'

export interface DeletedParts {
  readonly stores: {
    readonly credentials: CredentialStore
    readonly deleted: DeletedCredentialStore
    commit<T>(work: () => Promise<T>): Promise<T>
  }
  readonly rules: AccessRules
  readonly authentication: Authentication
  readonly credentials: Credentials
  /** @throws {LatchworkError} `account_lacks` if what would be moved names what the other account does not have */
  askOfMove(from: string, to: string, user: User): Promise<void>
}

/** Registers the list of deleted credentials, restoring one, and moving what uses a credential to another. */
export function registerDeletedCredentials(app: HttpApp, parts: DeletedParts): void {
  const { list, restore: bringBack, moveUsage: move } = endpoints.deletedCredentials
  registerEndpoint(app, list, async ({ caller }) => ({ items: await listDeleted(parts, caller.user) }))
  registerEndpoint(app, bringBack, ({ params }) => restore(parts, params.id), { waits: true })
  registerEndpoint(
    app,
    move,
    async ({ params, body, caller }) => ({ moved: await moveUsage(parts, params.id, body, caller.user) }),
    { waits: true },
  )
}

async function listDeleted(
  { stores, authentication }: DeletedParts,
  user: User,
): Promise<DeletedCredential[]> {
  const rows = await stores.deleted.list(user.role === 'admin' ? null : user.id)
  const owners = await authentication.users(rows.map(({ ownerId }) => ownerId))
  return rows.map(({ id, name, connector, method, ownerId, deletedAt }) => ({
    ...{ id, name, connector, method },
    owner: { id: ownerId, name: owners.get(ownerId)?.name ?? '' },
    deletedAt: toTime(deletedAt ?? 0),
    restorableUntil: toTime((deletedAt ?? 0) + keepDeletedMs),
  }))
}

/** An OAuth credential lost its grant when it was deleted, and must be authorized again. Any other is checked. */
async function restore({ stores, credentials }: DeletedParts, id: string): Promise<CredentialView> {
  const row = await stores.deleted.find(id)
  if (row === null) throw new LatchworkError('credential_not_found')
  const oauth = 'refreshToken' in row.sealed.fields || 'accessToken' in row.sealed.fields
  if (hasGrantEnded(row)) {
    await stores.credentials.update(id, { deletedAt: null })
    return credentials.get(id)
  }
  const ended: CredentialChange = {
    status: 'failed',
    reasonCode: 'grant_rejected',
    reasonMessage: 'Access at Close ended when this credential was deleted. Authorize it again.',
  }
  await stores.credentials.update(id, { deletedAt: null, ...(oauth ? ended : {}) })
  return oauth ? credentials.get(id) : credentials.check(id)
}

/** @throws {LatchworkError} `credential_wrong_connector`, `credential_draft`, `identity_changed`, `account_lacks`, `credential_not_found` */
async function moveUsage(
  { stores, rules, credentials, askOfMove }: DeletedParts,
  id: string,
  asked: MoveUsage,
  user: User,
): Promise<number> {
  await rules.require(memberOf(user), 'collaborator', { kind: 'credential', id: asked.to })
  const [from, to] = [await credentials.find(id), await credentials.find(asked.to)]
  if (from.connector !== to.connector) throw new LatchworkError('credential_wrong_connector')
  if (to.status === 'draft') throw new LatchworkError('credential_draft')
  if (isOtherAccount(from.identity, to.identity) && !asked.confirmIdentityChange) {
    throw identityChanged('credential', from.identity, to.identity)
  }
  if (!asked.lacking) await askOfMove(from.id, to.id, user)
  if (from.id === to.id) return 0
  return stores.commit(() => stores.deleted.moveUsage(from.id, to.id))
}
