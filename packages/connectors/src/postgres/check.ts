import { type CheckResult, type Identity, LatchworkError } from '@latchwork/contract'
import { type FaultFields, failedCheck } from '../failed-check.ts'
import type { ConnectorContext, CredentialAccess } from '../interface.ts'
import { checkLimits, connectPostgres, leavePostgres, type PostgresLimits } from './connection.ts'
import { postgresFailure } from './failures.ts'

const faultFields: FaultFields = {
  login_rejected: 'password',
  database_missing: 'database',
  tls_failed: 'tls',
  account_refused: 'user',
  unreachable: 'host',
}

/**
 * Signs in and asks which database answers, and as whom. The account is the database at its address, so that a
 * credential that is pointed at another one counts as another account.
 */
export async function checkPostgres(
  credential: CredentialAccess,
  context: ConnectorContext,
  limits: PostgresLimits = checkLimits,
): Promise<CheckResult> {
  try {
    return { status: 'verified', identity: await identifyPostgres(credential, context, limits), reason: null }
  } catch (error) {
    context.signal.throwIfAborted()
    const failure = postgresFailure(error)
    const [fault] = failure.errors ?? []
    return failedCheck(failure, fault === undefined ? faultFields : { [failure.code]: fault.field })
  }
}

/** As `checkPostgres`. @throws LatchworkError as `connectPostgres` */
export async function identifyPostgres(
  credential: CredentialAccess,
  context: ConnectorContext,
  limits: PostgresLimits = checkLimits,
): Promise<Identity> {
  const client = await connectPostgres(credential, context, limits)
  try {
    const { rows } = await client.query<Record<string, unknown>>(
      "SELECT current_database() AS database, current_user AS role, current_setting('server_version') AS version",
    )
    const { database, role, version } = rows[0] ?? {}
    if (typeof database !== 'string' || typeof role !== 'string' || typeof version !== 'string') {
      throw new LatchworkError('upstream_error', {
        message: 'The database server does not say which database it is. Check host and port.',
      })
    }
    const { host, port } = credential.values
    return {
      organizationId: `${host?.toLowerCase()}:${port}/${database}`,
      organizationName: `${database} (PostgreSQL ${version.split(' ')[0]})`,
      userId: role,
      userName: role,
      userEmail: '',
    }
  } catch (error) {
    context.signal.throwIfAborted()
    throw postgresFailure(error)
  } finally {
    await leavePostgres(client, limits)
  }
}
