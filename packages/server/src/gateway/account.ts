import type { Connector, CredentialAccess, Source } from '@latchwork/connectors'
import { LatchworkError, type User } from '@latchwork/contract'
import { type AccessRules, memberOf } from '../identity/rules.ts'

/** Somebody waits for it. */
const limitMs = 20_000

export interface AccountParts {
  readonly rules: AccessRules
  /** Of Close. */
  readonly connector: () => Connector | undefined
  /** Opens a credential of Close for a look at its account. @throws LatchworkError as `Credentials.use` */
  readonly open: (credentialId: string, signal: AbortSignal) => Promise<CredentialAccess>
}

/**
 * Asks the account of a credential something, for somebody who may use it.
 * @throws {LatchworkError} `forbidden`, `unreachable`, as `Credentials.use`, and as asking Close does
 */
export async function askAccount<T>(
  { rules, connector, open }: AccountParts,
  credentialId: string,
  user: User,
  ask: (source: Source) => Promise<T>,
): Promise<T> {
  await rules.require(memberOf(user), 'collaborator', { kind: 'credential', id: credentialId })
  const signal = AbortSignal.timeout(limitMs)
  const credential = await open(credentialId, signal)
  // As a flow does that chooses what it reads.
  const source = await connector()?.openSource?.({ object: 'streams' }, credential, { signal })
  if (source === undefined) throw new LatchworkError('credential_wrong_connector')
  try {
    return await ask(source)
  } catch (error) {
    if (signal.aborted) throw new LatchworkError('unreachable', { cause: error })
    throw error
  } finally {
    await source.close()
  }
}
