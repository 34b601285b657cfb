import { join, resolve } from 'node:path'
import { type FieldFault, LatchworkError } from '@latchwork/contract'
import { Secret } from '@latchwork/vault'
import type { z } from 'zod'
import { type SettingName, settingDefinitions, testSettingPrefix } from './definitions.ts'
import { nearest } from './nearest.ts'
import { listOf } from './values.ts'

export interface EmailSettings {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly smtpUrl: Secret
  readonly from: string
  /** Null: each alert goes to the credential's owner. */
  readonly to: string | null
}

export interface WebhookSettings {
  readonly url: string
  readonly secret: Secret
}

/** Where alerts go besides the page. */
export interface AlertSettings {
  readonly email: EmailSettings | null
  readonly webhook: WebhookSettings | null
}

/** The settings of the server, read once at its start. */
export interface Settings {
  /** `postgres://…`; null: SQLite in the data folder. Secret, since it has the password. */
  readonly databaseUrl: Secret | null
  /** Absolute path. */
  readonly dataDir: string
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** An https origin without a slash at the end. */
  readonly publicUrl: string
  /** IP addresses and networks of the proxies whose `X-Forwarded-For` is believed; none by default. */
  readonly trustedProxies?: readonly string[]
  /** Paths of PEM files; null: a certificate made at first start. */
  readonly tls: { readonly certificateFile: string; readonly keyFile: string } | null
  readonly masterKey: Secret | null
  /** Keys of key management services, the active one first; null: the master key is a local one. */
  readonly kms: { readonly keys: readonly string[]; readonly tokenFile: string | null } | null
  /** Absolute path. Not used when there is a `masterKey`. */
  readonly masterKeyFile: string
  readonly closeApiUrl: string
  /** The origin that stored credentials were made for, if a person says that Close has moved. */
  readonly closeMovedFrom?: string | undefined
  readonly closeAppUrl: string
  /** The administrator to make at first start. */
  readonly admin: { readonly email: string; readonly password: Secret } | null
  readonly alerts: AlertSettings
  /** Time between two scheduled checks of one credential. */
  readonly checkEveryMs: number
  /** What one member's files may hold together, in bytes; left out: the default. */
  readonly fileSpaceBytes?: number
  /** How many drafts of credentials one member may have at once; left out: the default. */
  readonly draftsPerMember?: number
  /** How often one client may try to sign in within a minute; left out: the default. */
  readonly signInTries?: number
  /** How many runs this process executes at once, where it differs from the default; 0: it leaves them to workers. */
  readonly runsAtOnce?: number
  readonly keep: KeepSettings
}

/** How long things are kept, in milliseconds: what runs leave, after their end. */
export interface KeepSettings {
  /** The last records of a flow's last run; those of the runs before it are erased when it begins. */
  readonly samplesMs: number
  /** Refused records. */
  readonly quarantineMs: number
  /** Runs: their numbers, and why they failed. The last one of a flow stays. */
  readonly runsMs: number
  /** Each call through the gateway. */
  readonly callsMs: number
  /** Entries of the audit log; left out: for ever. */
  readonly auditMs?: number
}

type Values = { [Name in SettingName]?: z.output<(typeof settingDefinitions)[Name]['schema']> }

/**
 * Reads all settings. An empty variable counts as not set.
 * @throws LatchworkError `settings_invalid` with all faults at once; the value of a secret setting is never repeated
 */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const faults = [...unknownNames(env)]
  const values: Record<string, string | number> = {}
  for (const [name, definition] of Object.entries(settingDefinitions)) {
    const text = env[name]?.trim() ?? ''
    if (text === '') continue
    const parsed = definition.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else faults.push(fault(name, definition.rule, `${name} must be ${definition.mustBe}.`))
  }
  const isSet = (name: SettingName): boolean => (env[name]?.trim() ?? '') !== ''
  faults.push(...wrongTogether(isSet, env))
  if (faults.length > 0) {
    throw new LatchworkError('settings_invalid', {
      message: `Some settings need another value. ${faults.map((one) => one.message).join(' ')}`,
      errors: faults,
    })
  }
  return build(values)
}

function build(values: Values): Settings {
  const dataDir = resolve(values.LATCHWORK_DATA_DIR ?? '.latchwork')
  const port = values.LATCHWORK_PORT ?? 8443
  const {
    LATCHWORK_TLS_CERT: certificateFile,
    LATCHWORK_TLS_KEY: keyFile,
    LATCHWORK_ADMIN_EMAIL: email,
    LATCHWORK_ADMIN_PASSWORD: password,
    LATCHWORK_MASTER_KEY_FILE: masterKeyFile,
    LATCHWORK_KMS: kms,
    LATCHWORK_KMS_TOKEN_FILE: kmsTokenFile,
    LATCHWORK_FILE_SPACE_MB: fileSpaceMb,
    LATCHWORK_DRAFTS_PER_MEMBER: draftsPerMember,
    LATCHWORK_SIGN_IN_TRIES: signInTries,
    LATCHWORK_RUNS_AT_ONCE: runsAtOnce,
  } = values
  return Object.freeze({
    databaseUrl: toSecret(values.LATCHWORK_DATABASE_URL),
    dataDir,
    host: values.LATCHWORK_HOST ?? '127.0.0.1',
    port,
    publicUrl: values.LATCHWORK_PUBLIC_URL ?? new URL(`https://localhost:${port}`).origin,
    ...(values.LATCHWORK_TRUSTED_PROXIES === undefined
      ? {}
      : { trustedProxies: Object.freeze(listOf(values.LATCHWORK_TRUSTED_PROXIES)) }),
    tls:
      certificateFile === undefined || keyFile === undefined
        ? null
        : Object.freeze({ certificateFile: resolve(certificateFile), keyFile: resolve(keyFile) }),
    masterKey: toSecret(values.LATCHWORK_MASTER_KEY),
    kms:
      kms === undefined
        ? null
        : Object.freeze({
            keys: Object.freeze(kms.split(/\s+/)),
            tokenFile: kmsTokenFile === undefined ? null : resolve(kmsTokenFile),
          }),
    masterKeyFile: masterKeyFile === undefined ? join(dataDir, 'master.key') : resolve(masterKeyFile),
    closeApiUrl: values.LATCHWORK_CLOSE_API_URL ?? 'https://api.close.com',
    closeAppUrl: values.LATCHWORK_CLOSE_APP_URL ?? 'https://app.close.com',
    ...(values.LATCHWORK_CLOSE_MOVED_FROM === undefined
      ? {}
      : { closeMovedFrom: values.LATCHWORK_CLOSE_MOVED_FROM }),
    admin:
      email === undefined || password === undefined
        ? null
        : Object.freeze({ email, password: new Secret(password) }),
    alerts: alertSettings(values, values.LATCHWORK_PUBLIC_URL ?? 'https://localhost'),
    checkEveryMs: (values.LATCHWORK_CHECK_HOURS ?? 6) * 3_600_000,
    ...(fileSpaceMb === undefined ? {} : { fileSpaceBytes: fileSpaceMb * 1024 * 1024 }),
    ...(draftsPerMember === undefined ? {} : { draftsPerMember }),
    ...(signInTries === undefined ? {} : { signInTries }),
    ...(runsAtOnce === undefined ? {} : { runsAtOnce }),
    keep: keepSettings(values),
  })
}

const dayMs = 86_400_000

function keepSettings(values: Values): KeepSettings {
  const records = values.LATCHWORK_KEEP_RECORDS_DAYS ?? 90
  const audit = values.LATCHWORK_KEEP_AUDIT_DAYS
  return Object.freeze({
    samplesMs: (values.LATCHWORK_KEEP_SAMPLES_DAYS ?? records) * dayMs,
    quarantineMs: (values.LATCHWORK_KEEP_QUARANTINE_DAYS ?? records) * dayMs,
    runsMs: (values.LATCHWORK_KEEP_RUNS_DAYS ?? 90) * dayMs,
    callsMs: (values.LATCHWORK_KEEP_CALLS_DAYS ?? 30) * dayMs,
    ...(audit === undefined ? {} : { auditMs: audit * dayMs }),
  })
}

function alertSettings(values: Values, publicUrl: string): AlertSettings {
  const smtpUrl = toSecret(values.LATCHWORK_SMTP_URL)
  const url = values.LATCHWORK_ALERT_WEBHOOK_URL
  const secret = toSecret(values.LATCHWORK_ALERT_WEBHOOK_SECRET)
  return Object.freeze({
    email:
      smtpUrl === null
        ? null
        : Object.freeze({
            smtpUrl,
            from: values.LATCHWORK_SMTP_FROM ?? `latchwork@${new URL(publicUrl).hostname}`,
            to: values.LATCHWORK_ALERT_EMAIL ?? null,
          }),
    webhook: url === undefined || secret === null ? null : Object.freeze({ url, secret }),
  })
}

function toSecret(text: string | undefined): Secret | null {
  return text === undefined ? null : new Secret(text)
}

function fault(field: string, rule: string, message: string): FieldFault {
  return { field, rule, message }
}

function unknownNames(env: Readonly<Record<string, string | undefined>>): FieldFault[] {
  const known = Object.keys(settingDefinitions)
  return Object.keys(env)
    .filter((name) => name.startsWith('LATCHWORK_') && !name.startsWith(testSettingPrefix))
    .filter((name) => !known.includes(name))
    .map((name) =>
      fault(
        name,
        'unknown',
        `${name} is not a setting. Did you mean ${nearest(name, known)}? Rename or remove it.`,
      ),
    )
}

function wrongTogether(
  isSet: (name: SettingName) => boolean,
  env: Readonly<Record<string, string | undefined>>,
): FieldFault[] {
  const faults: FieldFault[] = []
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    const message =
      'NODE_TLS_REJECT_UNAUTHORIZED=0 would send credentials to anybody who claims to be Close. Remove it. To trust an authority of your own, set NODE_EXTRA_CA_CERTS.'
    faults.push(fault('NODE_TLS_REJECT_UNAUTHORIZED', 'forbidden', message))
  }
  const pairs = [
    ['LATCHWORK_TLS_CERT', 'LATCHWORK_TLS_KEY'],
    ['LATCHWORK_ADMIN_EMAIL', 'LATCHWORK_ADMIN_PASSWORD'],
    ['LATCHWORK_ALERT_WEBHOOK_URL', 'LATCHWORK_ALERT_WEBHOOK_SECRET'],
  ] as const
  for (const [one, other] of pairs) {
    if (isSet(one) === isSet(other)) continue
    const [missing, present] = isSet(one) ? [other, one] : [one, other]
    faults.push(
      fault(missing, 'together', `${missing} is missing: it goes with ${present}. Set both or neither.`),
    )
  }
  for (const name of ['LATCHWORK_SMTP_FROM', 'LATCHWORK_ALERT_EMAIL'] as const) {
    if (!isSet(name) || isSet('LATCHWORK_SMTP_URL')) continue
    const message = `LATCHWORK_SMTP_URL is missing: ${name} goes with it. Set both or neither.`
    faults.push(fault('LATCHWORK_SMTP_URL', 'together', message))
  }
  if (isSet('LATCHWORK_MASTER_KEY') && isSet('LATCHWORK_MASTER_KEY_FILE')) {
    const message = 'LATCHWORK_MASTER_KEY and LATCHWORK_MASTER_KEY_FILE are both set. Keep one of them.'
    faults.push(fault('LATCHWORK_MASTER_KEY', 'one_of', message))
  }
  if (/(^|\s)vault:/.test(env['LATCHWORK_KMS'] ?? '') && !isSet('LATCHWORK_KMS_TOKEN_FILE')) {
    const message =
      'LATCHWORK_KMS_TOKEN_FILE is missing: Vault and OpenBao are asked with a token from a file.'
    faults.push(fault('LATCHWORK_KMS_TOKEN_FILE', 'together', message))
  }
  if (/^0+$/.test(env['LATCHWORK_PORT']?.trim() ?? '') && !isSet('LATCHWORK_PUBLIC_URL')) {
    const message =
      'LATCHWORK_PUBLIC_URL is missing: with LATCHWORK_PORT=0 the address is not known beforehand.'
    faults.push(fault('LATCHWORK_PUBLIC_URL', 'together', message))
  }
  if (/^0+$/.test(env['LATCHWORK_RUNS_AT_ONCE']?.trim() ?? '') && !isSet('LATCHWORK_DATABASE_URL')) {
    const message =
      'LATCHWORK_DATABASE_URL is missing: with LATCHWORK_RUNS_AT_ONCE=0 other processes execute the runs, and SQLite serves one process.'
    faults.push(fault('LATCHWORK_DATABASE_URL', 'together', message))
  }
  return faults
}
