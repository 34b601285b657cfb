import type { CredentialAccess } from '@latchwork/connectors'
import { applicable, errorCatalogue, LatchworkError, type MethodDefinition } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import type { FormValues } from '../form/form.ts'
import type { Refresher } from '../refresh/refresh.ts'
import { openSecret, openSecrets } from '../secrets/bound-secrets.ts'
import { hasSecret } from '../secrets/sealing.ts'
import type { CredentialStore } from '../store/credentials.ts'
import type { CredentialRow } from '../store/row.ts'
import type { BucketNames } from './bucket-names.ts'

export interface AccessParts {
  readonly store: CredentialStore
  readonly vault: Vault
  readonly refresher: Refresher
  readonly buckets: BucketNames
  /** The definition of the method that a row uses. @throws {LatchworkError} `method_unknown` */
  methodOf(row: Pick<CredentialRow, 'connector' | 'method'>): MethodDefinition
}

/**
 * Called before a secret of this row is handed out. Returns false if the newest secret must be taken instead, and
 * throws if none may be used.
 * @param rejected that of `CredentialAccess`
 */
export type Admission = (row: CredentialRow, rejected: CredentialAccess['rejected']) => Promise<boolean>

export interface StoredAccess extends CredentialAccess {
  /** The secret version that was used last, which a refusal is about. */
  usedVersion(): number
}

/** Opens a stored credential for a connector. Opens each secret when it is asked for, and retains none. */
export function storedAccess(
  parts: AccessParts,
  stored: CredentialRow,
  admit: Admission = async () => true,
): StoredAccess {
  const { store, vault, refresher, buckets, methodOf } = parts
  let row = stored
  /** The generation that a forced refresh brought. If that is refused as well, the grant is dead. */
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
      // An earlier version stored values that no longer applied. A connector would refuse them.
      return applicable(methodOf(row).fields, row.values)
    },
    usedVersion: () => row.secretVersion,

    async secret(field) {
      for (;;) {
        // A secret that is replaced during a run is used from the run's next request on.
        const current = (await store.find(stored.id)) ?? row
        row = current
        if (!hasSecret(current, field) && current.method !== stored.method)
          throw new LatchworkError('credential_switched')
        const secret = await openSecret(vault, methodOf(current), current, field)
        if (!(await admit(current, access.rejected))) continue
        // The secret is used with the values of its own row.
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
    bucket: () => buckets.of(row, (current) => openSecrets(vault, methodOf(current), current)),

    // Requests run concurrently, so the refused secret counts, not the one handed out last.
    async rejected(refused, reason) {
      row = (await store.find(stored.id)) ?? row
      const secrets = await openSecrets(vault, methodOf(row), row)
      const isCurrent = Object.values(secrets).some((secret) =>
        new Secret(secret).equals(new Secret(refused)),
      )
      if (!isCurrent) return true
      if (!oauth()) {
        await markFailed(
          store,
          row,
          reason ?? (row.identity === null ? 'api_key_rejected' : 'api_key_disabled'),
        )
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
        // If the grant is dead, the refresher has marked the credential already.
        if (!isLostGrant(error)) throw error
        if ((accessTokenExpiresAt ?? 0) > Date.now()) await noteRevoked(store, stored.id)
        return false
      }
    },
  }
  return access
}

/** Opens values that are not stored yet, for a check. */
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

/** Guarded by the secret version: a secret that has replaced the refused one is not marked. */
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

/** The token was refused before it expired, and its grant as well: somebody has revoked the access. */
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
