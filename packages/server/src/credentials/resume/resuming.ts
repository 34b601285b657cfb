import { errorCatalogue } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import pMap from 'p-map'
import type { Logger } from '../../logging/logger.ts'
import { appCondition, appRecoveredAlert } from '../checks/judging.ts'
import type { CredentialParts, CredentialRecords } from '../records/records.ts'
import { placeOf, placeOfRow } from '../secrets/sealing.ts'
import type { CredentialRow } from '../store/row.ts'

const resumedAtOnce = 5

interface ResumingParts extends Pick<CredentialParts, 'stores' | 'vault' | 'clock'> {
  readonly records: Pick<CredentialRecords, 'recheck'>
  readonly log: Pick<Logger, 'error'>
}

/**
 * Gives an app's new client secret to all credentials that wait for it, and checks them, after Close accepted it from
 * one of them. One alert says that the app works again.
 */
export async function resumeApp(
  parts: ResumingParts,
  accepted: CredentialRow,
  clientSecret: string,
): Promise<void> {
  const { stores, log } = parts
  const clientId = accepted.values['clientId']
  if (clientId === undefined) return
  const waiting = await stores.checks.pausedByApp(clientId, 'oauth_client_rejected')
  const others = waiting.filter(({ id }) => id !== accepted.id)
  const resume = (row: CredentialRow): Promise<void> =>
    resumeOne(parts, row, clientSecret).catch((error: unknown) =>
      log.error({ err: error, credential: row.id }, 'a paused credential was not resumed'),
    )
  await pMap(others, resume, { concurrency: resumedAtOnce })
  await stores.alerts.clear(appCondition(clientId), appRecoveredAlert(accepted, clientId))
}

/** The status between a new secret and the check with it. */
export function notCheckedSince(nowMs: number) {
  return {
    status: 'unverified',
    reasonCode: 'never_checked',
    reasonMessage: errorCatalogue.never_checked.title,
    statusAt: nowMs,
  } as const
}

async function resumeOne(
  { records, stores, vault, clock }: ResumingParts,
  row: CredentialRow,
  clientSecret: string,
): Promise<void> {
  const version = row.secretVersion + 1
  const sealed = await vault.reseal(placeOfRow(row), row.sealed, placeOf(row.id, version), {
    clientSecret: new Secret(clientSecret),
  })
  const change = { sealed, secretVersion: version, ...notCheckedSince(clock.now()) }
  // Null: it was changed meanwhile, by an authorization or by the same replacement.
  if ((await stores.credentials.update(row.id, change, row.secretVersion)) !== null)
    await records.recheck(row.id)
}
