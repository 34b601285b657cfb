import { errorCatalogue } from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { Logger } from '../../logging/logger.ts'
import { placeOfRow } from '../secrets/sealing.ts'
import type { CheckStore } from '../store/checks.ts'
import type { CredentialRow } from '../store/row.ts'

interface PausingParts {
  readonly checks: Pick<CheckStore, 'working' | 'pause'>
  readonly vault: Pick<Vault, 'open'>
  readonly log: Pick<Logger, 'info' | 'warn'>
}

/**
 * Pauses a credential whose client id and secret Close refused, and all others with the same id and secret. A
 * credential with another secret goes on, because the answer does not concern it.
 */
export async function pauseApp(
  { checks, vault, log }: PausingParts,
  refused: Pick<CredentialRow, 'id' | 'secretVersion' | 'sealed' | 'values'>,
): Promise<void> {
  const clientId = refused.values['clientId']
  if (clientId === undefined) return
  const secret = await vault.open(placeOfRow(refused), refused.sealed, 'clientSecret')
  const same: CredentialRow[] = []
  for (const row of await checks.working(clientId)) {
    const others = await vault.open(placeOfRow(row), row.sealed, 'clientSecret').catch((error: unknown) => {
      log.warn({ err: error, credential: row.id }, 'a client secret could not be compared')
      return null
    })
    if (others?.equals(secret) === true) same.push(row)
  }
  const code = 'oauth_client_rejected'
  const paused = await checks.pause(clientId, same, code, errorCatalogue[code].title)
  if (paused > 0) log.info({ paused }, 'the credentials of an OAuth app were paused')
}
