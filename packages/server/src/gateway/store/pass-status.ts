import type { CredentialStatus, PassFilter, PassStatus } from '@latchwork/contract'
import { type RawBuilder, sql as sqlText } from 'kysely'
import type { RowOf } from '../../database/codec.ts'
import type { Sql } from '../../database/database.ts'
import type { pass } from '../../database/pass-tables.ts'

/* What the status of a pass is, of a row and as a condition of a query. */

/** A pass's end is told, and it ends soon, so long before, if no more than a quarter of its time is left. */
const soonMs = 3 * 86_400_000
const lastPart = 4

interface Standing extends Pick<RowOf<typeof pass>, 'revokedAt' | 'expiresAt'> {
  /** Null: it was deleted. */
  readonly credentialStatus: CredentialStatus | null
}

export function statusOf({ revokedAt, expiresAt, credentialStatus }: Standing, nowMs: number): PassStatus {
  if (revokedAt !== null) return 'revoked'
  if (expiresAt !== null && expiresAt <= nowMs) return 'expired'
  return credentialStatus === null || credentialStatus === 'failed' ? 'paused' : 'active'
}

/** The condition "has this status". */
export function hasStatus(sql: Pick<Sql, 'now'>, status: PassFilter): RawBuilder<boolean> {
  const revoked = sqlText<boolean>`passes.revoked_at is not null`
  const expired = sqlText<boolean>`coalesce(passes.expires_at <= ${sql.now}, false)`
  const lasts = sqlText<boolean>`not ${revoked} and not ${expired}`
  const works = sqlText<boolean>`exists (select 1 from credentials c
    where c.id = passes.credential_id and c.deleted_at is null and c.status <> 'failed')`
  switch (status) {
    case 'revoked':
      return revoked
    case 'expired':
      return sqlText<boolean>`(not ${revoked} and ${expired})`
    case 'paused':
      return sqlText<boolean>`(${lasts} and not ${works})`
    case 'active':
      return sqlText<boolean>`(${lasts} and ${works})`
    case 'ending':
      return sqlText<boolean>`(${lasts} and ${works} and ${endsSoon(sql)})`
  }
}

/** The condition "ends soon", of a pass that is not over. */
export function endsSoon({ now }: Pick<Sql, 'now'>): RawBuilder<boolean> {
  return sqlText<boolean>`(passes.expires_at > ${now} and passes.expires_at - ${now} <= ${soonMs}
    and (passes.expires_at - ${now}) * ${lastPart} <= passes.expires_at - passes.created_at)`
}
