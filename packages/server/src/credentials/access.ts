import type { CredentialAccess } from '@latchwork/connectors'
import { errorCatalogue, LatchworkError } from '@latchwork/contract'
import { Secret, type Vault } from '@latchwork/vault'
import type { CredentialRow, CredentialStore } from '../stores/interfaces.ts'
import type { FormValues } from './form.ts'
import type { Refresher } from './refresh.ts'
import { hasSecret, placeOfRow } from './sealing.ts'

interface AccessParts {
  readonly store: CredentialStore
  readonly vault: Vault
  readonly refresher: Refresher
}

export interface StoredAccess extends CredentialAccess {
  /** The secret version that was used last: what a refusal is about. */
  usedVersion(): number
}

/** A stored credential for a connector's use. Secrets are opened when they are asked for, and kept nowhere. */
export function storedAccess(parts: AccessParts, stored: CredentialRow): StoredAccess {
  const { store, vault, refresher } = parts
  let row = stored
  /** The generation that a forced refresh brought: refused as well, its grant is dead. */
  let renewed: number | null = null
  const oauth = () => hasSecret(row, 'accessToken')
  return {
    id: stored.id,
    get method() {
      return row.method
    },
    organizationId: stored.identity?.organizationId ?? null,
    get values() {
      return row.values
    },
    usedVersion: () => row.secretVersion,

    async secret(field) {
      // A secret that was replaced while a run is under way is used from its next request on.
      row = (await store.find(stored.id)) ?? row
      if (!hasSecret(row, field) && row.method !== stored.method)
        throw new LatchworkError('credential_switched')
      return (await vault.open(placeOfRow(row), row.sealed, field)).reveal()
    },

    async accessToken() {
      try {
        const served = await refresher.accessToken(stored.id)
        row = served.row
        return served.token
      } catch (error) {
        row = (await store.find(stored.id)) ?? row
        throw hasSecret(row, 'accessToken') ? error : new LatchworkError('credential_switched')
      }
    },

    otherSecrets: async () =>
      Object.values(await vault.openAll(placeOfRow(row), row.sealed)).map((secret) => secret.reveal()),

    // Requests go side by side, so it is the refused secret that counts, not the one handed out last.
    async rejected(refused) {
      row = (await store.find(stored.id)) ?? row
      const secrets = await vault.openAll(placeOfRow(row), row.sealed)
      const isCurrent = Object.values(secrets).some((secret) => secret.equals(new Secret(refused)))
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
        if (!isEndOfGrant(error)) throw error
        if (Date.parse(accessTokenExpiresAt ?? '') > Date.now()) await noteRevoked(store, stored.id)
        return false
      }
    },
  }
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

async function markFailed(
  store: CredentialStore,
  row: CredentialRow,
  code: keyof typeof errorCatalogue,
): Promise<void> {
  const change = {
    status: 'failed',
    reasonCode: code,
    reasonMessage: errorCatalogue[code].title,
    statusAt: new Date().toISOString(),
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

function isEndOfGrant(error: unknown): boolean {
  return (
    error instanceof LatchworkError &&
    ['grant_rejected', 'lost_rotation', 'oauth_client_rejected'].includes(error.code)
  )
}
