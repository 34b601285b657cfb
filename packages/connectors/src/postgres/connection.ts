import { X509Certificate } from 'node:crypto'
import { LatchworkError } from '@latchwork/contract'
import { Client, type ClientConfig } from 'pg'
import type { Config, ConnectorContext, CredentialAccess } from '../interface.ts'
import { readConfig } from '../read-config.ts'
import { postgresDefinition } from './definition.ts'
import { postgresFailure } from './failures.ts'
import { type AnswerLimits, LimitedConnection } from './limited-connection.ts'

/** The limits of a server's answers, in bytes and time. */
export interface PostgresLimits extends AnswerLimits {
  /** From the first packet until the sign-in is complete. */
  readonly connectMs: number
  /** For one statement. */
  readonly queryMs: number
  /** For the server's end of the connection, after ours. */
  readonly goodbyeMs: number
}

/** For the question whom a credential acts for: some names. */
export const checkLimits: PostgresLimits = {
  messageBytes: 64 * 1024,
  answerBytes: 256 * 1024,
  connectMs: 10_000,
  queryMs: 15_000,
  goodbyeMs: 2_000,
}

/** For writing. A refusal repeats the value that is refused, so a message may be as long as a record. */
export const writeLimits: PostgresLimits = {
  messageBytes: 20 * 1024 * 1024,
  answerBytes: 32 * 1024 * 1024,
  connectMs: 10_000,
  queryMs: 300_000,
  goodbyeMs: 2_000,
}

/** The form without the password, which is opened when it is needed. */
const fields = postgresDefinition.methods.flatMap((method) =>
  method.fields.filter(({ kind }) => kind !== 'secret'),
)

/** The rules of a credential's fields that the definition can't express. */
export function postgresCredentialFaults(values: Config): Record<string, string> {
  const faults: Record<string, string> = {}
  const host = values['host'] ?? ''
  // A path would be a Unix socket, which signs in by the operating system's user: this server's, not the person's.
  if (host.includes('/') || host.includes('\\')) faults['host'] = 'must be a name or an address, not a path'
  const authority = values['caCertificate'] ?? ''
  if (authority === '' && values['tls'] === 'verify-ca') {
    // Any certificate of a public authority would pass.
    faults['caCertificate'] = 'is required where only the authority is checked'
  }
  if (authority !== '' && !isCertificate(authority)) {
    faults['caCertificate'] = 'must be a certificate in PEM form, from -----BEGIN CERTIFICATE----- on'
  }
  return faults
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== ''
  } catch {
    return false
  }
}

/**
 * Signs in to the database of a credential, once more if its password was replaced meanwhile.
 * @throws LatchworkError `invalid_input`, `login_rejected`, `database_missing`, `tls_failed`, `account_refused`,
 *   `unreachable`, `upstream_error`
 */
export async function connectPostgres(
  credential: CredentialAccess,
  context: Pick<ConnectorContext, 'signal'>,
  limits: PostgresLimits,
): Promise<Client> {
  for (let tries = 1; ; tries += 1) {
    // The secret first: it may have been replaced together with the place that it is for.
    const password = await credential.secret('password')
    try {
      return await signIn(password, credential, context, limits)
    } catch (error) {
      if (!(error instanceof LatchworkError) || error.code !== 'login_rejected') throw error
      const hasAnother = await credential.rejected(password, error.code)
      if (!hasAnother || tries > 1) throw error
    }
  }
}

async function signIn(
  password: string,
  credential: CredentialAccess,
  context: Pick<ConnectorContext, 'signal'>,
  limits: PostgresLimits,
): Promise<Client> {
  const values = readConfig(fields, credential.values, postgresCredentialFaults)
  const client = new Client(clientConfig(values, password, limits))
  // A broken connection also fails the query that waits for it; without a listener it would end the process.
  client.on('error', () => undefined)
  const stop = () => client.connection.stream.destroy()
  context.signal.addEventListener('abort', stop, { once: true })
  client.once('end', () => context.signal.removeEventListener('abort', stop))
  try {
    context.signal.throwIfAborted()
    await client.connect()
    return client
  } catch (error) {
    client.connection.stream.destroy()
    context.signal.throwIfAborted()
    throw postgresFailure(error)
  }
}

/** Closes the connection, and destroys it if the server does not answer. Never throws. */
export async function leavePostgres(client: Client, { goodbyeMs }: PostgresLimits): Promise<void> {
  const hangUp = setTimeout(() => client.connection.stream.destroy(), goodbyeMs)
  try {
    await client.end()
  } catch {
    client.connection.stream.destroy()
  } finally {
    clearTimeout(hangUp)
  }
}

/** Everything is said, so that nothing is taken from the `PG…` variables of this server's environment. */
function clientConfig(values: Config, password: string, limits: PostgresLimits): ClientConfig {
  const host = values['host'] ?? ''
  const ssl = tlsOptions(values, host)
  return {
    host,
    port: Number(values['port']),
    database: values['database'] ?? '',
    user: values['user'] ?? '',
    password,
    ssl,
    application_name: 'latchwork',
    client_encoding: 'UTF8',
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.queryMs,
    connection: new LimitedConnection({ ssl, keepAlive: true }, limits),
  }
}

function tlsOptions(values: Config, host: string): ClientConfig['ssl'] {
  switch (values['tls']) {
    case 'disable':
      return false
    case 'require':
      return { rejectUnauthorized: false }
    case 'verify-ca':
      return {
        rejectUnauthorized: true,
        ca: values['caCertificate'] ?? '',
        checkServerIdentity: () => undefined,
      }
    default: {
      const authority = values['caCertificate'] ?? ''
      // `host` is what the certificate is compared with where it is an address and not a name.
      return { rejectUnauthorized: true, host, ...(authority === '' ? {} : { ca: authority }) }
    }
  }
}
