import type { CheckResult, Identity } from '@latchwork/contract'
import type { ConnectorContext, CredentialAccess } from '../interface.ts'
import { connectPostgres } from './connection.ts'
import { postgresFailure } from './failures.ts'

/** Codes that say nothing about the credential: the server could not be asked. */
const unanswered = new Set(['unreachable', 'upstream_error'])

/**
 * Signs in and asks which database answers, and as whom. The account is the database at its address, so that a
 * credential that is pointed at another one counts as another account.
 */
export async function checkPostgres(
  credential: CredentialAccess,
  context: ConnectorContext,
): Promise<CheckResult> {
  try {
    return { status: 'verified', identity: await identifyPostgres(credential, context), reason: null }
  } catch (error) {
    context.signal.throwIfAborted()
    const failure = postgresFailure(error)
    return {
      status: unanswered.has(failure.code) ? 'unverified' : 'failed',
      identity: null,
      reason: { code: failure.code, message: failure.message },
    }
  }
}

/** As `checkPostgres`. @throws LatchworkError as `connectPostgres` */
export async function identifyPostgres(
  credential: CredentialAccess,
  context: ConnectorContext,
): Promise<Identity> {
  const client = await connectPostgres(credential, context)
  try {
    const { rows } = await client.query<{ database: string; role: string; version: string }>(
      "SELECT current_database() AS database, current_user AS role, current_setting('server_version') AS version",
    )
    const row = rows[0] ?? { database: '', role: '', version: '' }
    const { host, port } = credential.values
    return {
      organizationId: `${host?.toLowerCase()}:${port}/${row.database}`,
      organizationName: `${row.database} (PostgreSQL ${row.version.split(' ')[0]})`,
      userId: row.role,
      userName: row.role,
      userEmail: '',
    }
  } catch (error) {
    context.signal.throwIfAborted()
    throw postgresFailure(error)
  } finally {
    await client.end()
  }
}
