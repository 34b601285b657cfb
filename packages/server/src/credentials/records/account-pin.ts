import type { Connector, ConnectorContext, CredentialAccess } from '@latchwork/connectors'
import { type Identity, isOtherAccount, LatchworkError } from '@latchwork/contract'
import type { SideKind } from '../../flows/store/sides.ts'
import { openSecret, openSecrets } from '../secrets/bound-secrets.ts'
import type { CredentialRow } from '../store/row.ts'
import { identityChanged } from './checking.ts'
import { type AccessParts, type Admission, markFailed } from './opened-secrets.ts'

interface PinParts extends Pick<AccessParts, 'store' | 'vault' | 'buckets' | 'methodOf'> {
  readonly identify: NonNullable<Connector['identify']>
  readonly context: ConnectorContext
}

/** The account that a run began with. It stays the same when another process continues the run. */
export interface HeldAccount {
  /** Whether the run reads or writes with the credential. */
  readonly kind: SideKind
  /** Null: none yet. */
  readonly account: Identity | null
  /** Stores the first account. Returns the stored one. */
  hold(account: Identity): Promise<Identity>
}

/**
 * Holds one use of a credential to one account. Each version of its secret is first sent alone, once, to ask whom it
 * acts for. An answer of another account than the pinned one ends the use. It also fails the credential, unless a
 * person has confirmed that account meanwhile.
 * @param held for a run, which is one use even when another process continues it
 */
export function accountPin(parts: PinParts, stored: CredentialRow, held: HeldAccount | null): Admission {
  const { store } = parts
  const asked = new Map<number, Promise<boolean>>()
  /** The account that the use began with. For a run or a never checked credential the first answer decides. */
  let begunAs: Identity | null = held === null ? stored.identity : held.account

  const ask = async (row: CredentialRow, rejected: CredentialAccess['rejected']): Promise<boolean> => {
    const answered = await identify(parts, row, begunAs ?? row.identity, rejected)
    if (answered === null) return false
    if (isOtherAccount(row.identity, answered)) {
      const changed = identityChanged('credential', row.identity, answered)
      await markFailed(store, row, changed.code, changed.message)
      throw held === null ? changed : new LatchworkError('identity_changed', { message: otherAccountInRun })
    }
    if (held !== null) begunAs ??= await held.hold(answered)
    if (isOtherAccount(begunAs, answered)) {
      throw held === null
        ? identityChanged('credential', begunAs, answered)
        : runAccountChanged(held.kind, begunAs, answered)
    }
    begunAs = answered
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
      (error: unknown) => (isOfOtherAccount(error) ? undefined : forget()),
    )
    return answer
  }
}

/** Asks with the secret of this row. Null: the secret was refused, and there is a newer one. */
async function identify(
  { vault, buckets, methodOf, identify: askSystem, context }: PinParts,
  row: CredentialRow,
  pinned: Identity | null,
  rejected: CredentialAccess['rejected'],
): Promise<Identity | null> {
  const refusals: Parameters<CredentialAccess['rejected']>[] = []
  const open = (field: string) => openSecret(vault, methodOf(row), row, field)
  const access: CredentialAccess = {
    id: row.id,
    method: row.method,
    organizationId: pinned?.organizationId ?? null,
    values: row.values,
    secret: open,
    accessToken: () => open('accessToken'),
    rejected: async (...refusal) => {
      refusals.push(refusal)
      return false
    },
    bucket: () => buckets.of(row, (current) => openSecrets(vault, methodOf(current), current)),
  }
  try {
    return await askSystem(access, { ...context, consumer: 'checks' })
  } catch (error) {
    const refusal = refusals.at(-1)
    if (refusal !== undefined && (await rejected(...refusal))) return null
    throw error
  }
}

/** As `runAccountChanged`, it names no account. */
const otherAccountInRun =
  "The credential of one of this flow's sides answers for another account than it was made for, so nothing was moved. Who may see the credential finds both accounts named there."

/** Names no account, because a person who sees the run may not be allowed to see the credential. */
function runAccountChanged(kind: SideKind, begunAs: Identity | null, answered: Identity): LatchworkError {
  const other = begunAs?.organizationId === answered.organizationId ? 'another user' : 'another organization'
  const moves = kind === 'source' ? 'reads from' : 'writes to'
  return new LatchworkError('run_account_changed', {
    message: `Since this run began, the credential behind its data ${kind} was confirmed for ${other}. A run ${moves} one account only, so it has ended. Run the flow again: the new run begins with the account confirmed now.`,
  })
}

function isOfOtherAccount(error: unknown): boolean {
  return error instanceof LatchworkError && ['identity_changed', 'run_account_changed'].includes(error.code)
}
