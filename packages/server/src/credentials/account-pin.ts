import type { Connector, ConnectorContext, CredentialAccess } from '@latchwork/connectors'
import { type Identity, isOtherAccount, LatchworkError } from '@latchwork/contract'
import type { CredentialRow } from '../stores/interfaces.ts'
import { type AccessParts, type Admission, markFailed } from './access.ts'
import { openSecret } from './bound-secrets.ts'
import { identityChanged } from './checking.ts'

interface PinParts extends Pick<AccessParts, 'store' | 'vault' | 'methodOf'> {
  readonly identify: NonNullable<Connector['identify']>
  readonly context: ConnectorContext
}

/**
 * Holds one use of a credential to one account. Each version of its secret is asked once, by itself and before anything
 * else is sent with it, whom it acts for: an answer of another account than the pinned one ends the use, and fails the
 * credential unless a person has confirmed that account meanwhile.
 */
export function accountPin(parts: PinParts, stored: CredentialRow): Admission {
  const { store } = parts
  const asked = new Map<number, Promise<boolean>>()
  /** What the use began with. A credential that was never checked is pinned by its first answer. */
  let pinned: Identity | null = stored.identity

  const ask = async (row: CredentialRow, rejected: CredentialAccess['rejected']): Promise<boolean> => {
    const answered = await identify(parts, row, pinned, rejected)
    if (answered === null) return false
    const expected = pinned ?? row.identity
    if (isOtherAccount(expected, answered)) {
      const changed = identityChanged('credential', expected, answered)
      if (isOtherAccount(row.identity, answered)) {
        await markFailed(store, row, changed.code, changed.message)
      }
      throw changed
    }
    pinned = answered
    const isLearned = row.identity === null || row.identity.userId === ''
    if (isLearned) await store.update(row.id, { identity: answered }, row.secretVersion)
    return true
  }

  return (row, rejected) => {
    const { secretVersion } = row
    const answer = asked.get(secretVersion) ?? ask(row, rejected)
    asked.set(secretVersion, answer)
    const forget = () => void asked.delete(secretVersion)
    answer.then(
      (admitted) => (admitted ? undefined : forget()),
      (error: unknown) => (isIdentityChanged(error) ? undefined : forget()),
    )
    return answer
  }
}

/** Asks with the secret of this very row. Null: it was refused, and there is a newer one. */
async function identify(
  { vault, methodOf, identify: askSystem, context }: PinParts,
  row: CredentialRow,
  pinned: Identity | null,
  rejected: CredentialAccess['rejected'],
): Promise<Identity | null> {
  let refused: string | null = null
  const open = (field: string) => openSecret(vault, methodOf(row), row, field)
  const access: CredentialAccess = {
    id: row.id,
    method: row.method,
    organizationId: pinned?.organizationId ?? null,
    values: row.values,
    secret: open,
    accessToken: () => open('accessToken'),
    rejected: async (secret) => {
      refused = secret
      return false
    },
  }
  try {
    return await askSystem(access, context)
  } catch (error) {
    if (refused !== null && (await rejected(refused))) return null
    throw error
  }
}

function isIdentityChanged(error: unknown): boolean {
  return error instanceof LatchworkError && error.code === 'identity_changed'
}
