import type { CredentialAccess } from '@latchwork/connectors'
import { applicable, errorCatalogue, LatchworkError, type MethodDefinition } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import type { FormValues } from '../form/form.ts'
import type { Refresher } from '../refresh/refresh.ts'
import { openSecret, openSecrets } from '../secrets/bound-secrets.ts'
import { hasSecret } from '../secrets/sealing.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { CredentialRow } from '../store/row.ts'

export interface AccessParts {
  readonly store: CredentialStore
  readonly vault: Vault
  readonly refresher: Refresher
  /** The definition of the method that a row uses. @throws {LatchworkError} `method_unknown` */
  methodOf(row: Pick<CredentialRow, 'connector' | 'method'>): MethodDefinition
}

/**
 * Asked before a secret of this row is handed out. Answers false if the newest one is to be taken in its place, and throws
 * if none is to be.
 * @param rejected as of `CredentialAccess`
 */
export type Admission = (row: CredentialRow, rejected: CredentialAccess['rejected']) => Promise<boolean>

export interface StoredAccess extends CredentialAccess {
  /** The secret version that was used last: what a refusal is about. */
  usedVersion(): number
}

/** A stored credential for a connector's use. Secrets are opened when they are asked for, and kept nowhere. */
export function storedAccess(
  parts: AccessParts,
  stored: CredentialRow,
  admit: Admission = async () => true,
): StoredAccess {
  const { store, vault, refresher, methodOf } = parts
  let row = stored
  /** The generation that a forced refresh brought: refused as well, its grant is dead. */
  let renewed: number | null = null
  const oauth = () => hasSecret(row, 'accessToken')
  const takeToken = async () => {
    try {
      const served = await refresher.accessToken(stored.id)
      row = served.row
      return served
    } catch (error) {
      row = (await store.find(stored.id)) ?? row
      throw hasSecret(row, 'accessToken') ? error : new LatchworkError('credential_switched')
    }
  }
  const access: StoredAccess = {
    id: stored.id,
    get method() {
      return row.method
    },
    organizationId: stored.identity?.organizationId ?? null,
    get values() {
      // An earlier version kept what did not apply any more, which a connector would refuse.
      return applicable(methodOf(row).fields, row.values)
    },
    usedVersion: () => row.secretVersion,

    async secret(field) {
      for (;;) {
        // A secret that was replaced while a run is under way is used from its next request on.
        const current = (await store.find(stored.id)) ?? row
        row = current
        if (!hasSecret(current, field) && current.method !== stored.method)
          throw new LatchworkError('credential_switched')
        const secret = await openSecret(vault, methodOf(current), current, field)
        if (!(await admit(current, access.rejected))) continue
        // Whoever takes the secret uses it with the values of its own row.
        row = current
        return secret
      }
    },

    async accessToken() {
      for (;;) {
        const served = await takeToken()
        if (await admit(served.row, access.rejected)) return served.token
      }
    },

    otherSecrets: async () => Object.values(await openSecrets(vault, methodOf(row), row)),

    // Requests go side by side, so it is the refused secret that counts, not the one handed out last.
    async rejected(refused) {
      row = (await store.find(stored.id)) ?? row
      const secrets = await openSecrets(vault, methodOf(row), row)
      const isCurrent = Object.values(secrets).some((secret) =>
        new Secret(secret).equals(new Secret(refused)),
      )
      if (!isCurrent) return true
      if (!oauth()) {
        await markFailed(store, row, row.identity === null ? 'key_rejected' : 'key_disabled')
        return false
      }
      const { generation, accessTokenExpiresAt } = row
      if (renewed === generation) {
        await store.failGrant(stored.id, generation, 'grant_rejected', errorCatalogue.grant_rejected.title)
        return false
      }
      try {
        row = await refresher.refresh(stored.id, generation)
        renewed = row.generation
        return true
      } catch (error) {
        // The refresher has marked the credential already if the grant is dead.
        if (!isLostGrant(error)) throw error
        if ((accessTokenExpiresAt ?? 0) > Date.now()) await noteRevoked(store, stored.id)
        return false
      }
    },
  }
  return access
}

/** Values that are stored nowhere yet, for a check. */
export function unsavedAccess(
  method: string,
  form: FormValues,
  token: { readonly accessToken: string; readonly organizationId: string | null } | null = null,
): CredentialAccess {
  return {
    id: 'unsaved',
    method,
    organizationId: token?.organizationId ?? null,
    values: form.values,
    secret: async (field) => {
      const value = form.secrets[field]
      if (value === undefined) throw new LatchworkError('secret_unreadable')
      return value
    },
    accessToken: async () => {
      if (token === null) throw new LatchworkError('not_authorized')
      return token.accessToken
    },
    rejected: async () => false,
    otherSecrets: async () => Object.values(form.secrets),
  }
}

/** Guarded by the secret that the reason is about: one that was put in its place meanwhile is not blamed. */
export async function markFailed(
  store: Pick<CredentialStore, 'update'>,
  row: CredentialRow,
  code: keyof typeof errorCatalogue,
  reasonMessage: string = errorCatalogue[code].title,
): Promise<void> {
  const change = {
    status: 'failed',
    reasonCode: code,
    reasonMessage,
    statusAt: Date.now(),
  } as const
  await store.update(row.id, change, row.secretVersion)
}

/** A token that was refused before its time, and whose grant is refused as well: somebody took the access back. */
async function noteRevoked(store: CredentialStore, id: string): Promise<void> {
  const row = await store.find(id)
  if (row?.reasonCode !== 'grant_rejected') return
  const reasonMessage = errorCatalogue.access_revoked.title
  await store.update(id, { reasonCode: 'access_revoked', reasonMessage }, row.secretVersion)
}

function isLostGrant(error: unknown): boolean {
  return (
    error instanceof LatchworkError &&
    ['grant_rejected', 'lost_rotation', 'oauth_client_rejected'].includes(error.code)
  )
}
