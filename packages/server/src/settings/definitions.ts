import { isIP } from 'node:net'
import { emailSchema, isLoopbackHost, passwordSchema } from '@latchwork/contract'
import { namesServiceKey } from '@latchwork/vault'
import { z } from 'zod'
import { isNetwork } from './addresses.ts'
import { keepDefinitions } from './keep-definitions.ts'
import { closeAddress, httpsOrigin, isWebhookKey, listOf, pathSchema, whole } from './values.ts'

/** One environment variable. Its text in `docs/settings.md` and its errors come from here. */
export interface SettingDefinition {
  /** Parses the trimmed text. Never called for an empty text, which counts as not set. */
  readonly schema: z.ZodType<string | number>
  /** The rule's stable name, and its text: the end of the sentence "LATCHWORK_… must be". */
  readonly rule: string
  readonly mustBe: string
  readonly about: string
  /** In words. */
  readonly whenUnset: string
  readonly secret: boolean
}

export const settingDefinitions = {
  LATCHWORK_DATABASE_URL: {
    schema: z.string().refine((text) => /^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '')),
    rule: 'postgres_url',
    mustBe:
      'an address like postgres://user:password@host:5432/database (special characters in the password percent-encoded)',
    about:
      'The PostgreSQL database to keep everything in. Any number of server processes may share it; SQLite serves one.',
    whenUnset: 'SQLite, in the data folder',
    secret: true,
  },
  LATCHWORK_DATA_DIR: {
    schema: pathSchema,
    rule: 'path',
    mustBe: 'the path of a folder',
    about: 'The folder for the SQLite database, the master key, the certificate and the files of flows.',
    whenUnset: '`.latchwork` in the working directory',
    secret: false,
  },
  LATCHWORK_HOST: {
    schema: z
      .string()
      .refine((text) => isIP(text) !== 0 || /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(text)),
    rule: 'host',
    mustBe: 'an IP address or a host name of this machine, without a port',
    about: 'The address to listen on. `0.0.0.0` takes connections from other machines.',
    whenUnset: '`127.0.0.1`',
    secret: false,
  },
  LATCHWORK_PORT: {
    schema: z
      .string()
      .regex(/^\d{1,5}$/)
      .transform(Number)
      .refine((port) => port <= 65_535),
    rule: 'port',
    mustBe: 'a whole number from 0 to 65535 (0 for any free port)',
    about: 'The port to listen on, by https.',
    whenUnset: '`8443`',
    secret: false,
  },
  LATCHWORK_PUBLIC_URL: {
    schema: httpsOrigin,
    rule: 'https_origin',
    mustBe: 'an https address without a path, for example https://latchwork.company.example',
    about:
      "The address that people use. It decides the OAuth redirect URI and the cookies; a request's headers never do.",
    whenUnset: '`https://localhost` and the port',
    secret: false,
  },
  LATCHWORK_TRUSTED_PROXIES: {
    schema: z.string().refine((text) => listOf(text).every(isNetwork)),
    rule: 'networks',
    mustBe: 'IP addresses or networks like `10.0.0.0/8`, with commas between',
    about:
      'The proxies in front of the server. Their `X-Forwarded-For` names the client of a request, for the limits, the audit log and the log. From any other sender the header is ignored.',
    whenUnset: 'none',
    secret: false,
  },
  LATCHWORK_TLS_CERT: {
    schema: pathSchema,
    rule: 'path',
    mustBe: 'the path of a certificate file (PEM)',
    about: 'A certificate of your own, with its chain. Goes with `LATCHWORK_TLS_KEY`.',
    whenUnset: 'one for localhost, made at first start',
    secret: false,
  },
  LATCHWORK_TLS_KEY: {
    schema: pathSchema,
    rule: 'path',
    mustBe: "the path of the certificate's private key (PEM)",
    about:
      'The private key of `LATCHWORK_TLS_CERT`: the path of its file, not the key. Readable by its owner alone, as a master key.',
    whenUnset: 'made with the certificate',
    secret: false,
  },
  LATCHWORK_MASTER_KEY: {
    schema: z.string(),
    rule: 'key',
    mustBe: 'a master key',
    about:
      'The master key itself: 32 bytes in base64, or a line of a key file. More keys may follow, one a line; they only open what they sealed before.',
    whenUnset: 'the key file',
    secret: true,
  },
  LATCHWORK_MASTER_KEY_FILE: {
    schema: pathSchema,
    rule: 'path',
    mustBe: 'the path of a file',
    about: 'The file with the master key, readable by its owner alone. Made at first start.',
    whenUnset: '`master.key` in the data folder',
    secret: false,
  },
  LATCHWORK_KMS: {
    schema: z.string().refine((text) => text.split(/\s+/).every(namesServiceKey)),
    rule: 'kms',
    mustBe:
      '`aws-kms:REGION/KEY`, `gcp-kms:projects/…/cryptoKeys/KEY` or `vault:https://HOST/transit/KEY`, or several of them, separated by spaces',
    about:
      'A key of a key management service, in place of a master key of your own (see keys.md). Further ones, and the master key set or in the key file, only open what they sealed before.',
    whenUnset: 'the master key',
    secret: false,
  },
  LATCHWORK_KMS_TOKEN_FILE: {
    schema: pathSchema,
    rule: 'path',
    mustBe: 'the path of a file',
    about:
      'The file with the token for Vault or OpenBao. It is read for each call, and refused if others can read it.',
    whenUnset: 'none; needed for `vault:`',
    secret: false,
  },
  LATCHWORK_CLOSE_API_URL: {
    ...closeAddress,
    about: "The origin of Close's API. Credentials are sent there and nowhere else.",
    whenUnset: '`https://api.close.com`',
    secret: false,
  },
  LATCHWORK_CLOSE_MOVED_FROM: {
    ...closeAddress,
    about:
      'The origin that the stored credentials were made for, if it is not `LATCHWORK_CLOSE_API_URL` any more. Says that their secrets are meant to go to the new one; otherwise the server does not start. Needed for one start.',
    whenUnset: 'stored credentials are sent where they were made for, or the server does not start',
    secret: false,
  },
  LATCHWORK_CLOSE_APP_URL: {
    ...closeAddress,
    about: "The origin of Close's own pages: where people authorize.",
    whenUnset: '`https://app.close.com`',
    secret: false,
  },
  LATCHWORK_ADMIN_EMAIL: {
    schema: emailSchema,
    rule: 'email',
    mustBe: 'an email address',
    about:
      'Makes the first administrator without the set-up link, if there is none yet. Goes with `LATCHWORK_ADMIN_PASSWORD`.',
    whenUnset: 'a set-up link is printed at first start',
    secret: false,
  },
  LATCHWORK_ADMIN_PASSWORD: {
    schema: passwordSchema,
    rule: 'password',
    mustBe: 'a password of 12 to 200 characters',
    about: "The first administrator's password. Take it away again after the first start.",
    whenUnset: 'as above',
    secret: true,
  },
  LATCHWORK_FILE_SPACE_MB: {
    schema: z
      .string()
      .regex(/^\d{1,9}$/)
      .transform(Number)
      .refine((megabytes) => megabytes >= 1),
    rule: 'megabytes',
    mustBe: 'a whole number from 1',
    about:
      'How many megabytes the files of one member may hold together: uploads, and files that their flows write. Files that were put into the folder by hand are not counted.',
    whenUnset: '`10240`',
    secret: false,
  },
  LATCHWORK_DRAFTS_PER_MEMBER: {
    ...whole('drafts', 1, 999_999),
    about:
      'How many drafts one member may have at once. A draft is a credential that was begun and not saved; one that is left alone is erased after an hour.',
    whenUnset: '`100`',
    secret: false,
  },
  LATCHWORK_SIGN_IN_TRIES: {
    ...whole('tries', 5, 1000),
    about:
      'How many passwords, links and codes one client may try within a minute, and how many passwords of one account within 15 minutes. All clients together may try five times as many of one account. People who share one address, in an office, share these tries.',
    whenUnset: '`20`',
    secret: false,
  },
  LATCHWORK_RUNS_AT_ONCE: {
    ...whole('runs', 0, 64),
    about:
      'How many runs this process executes at once. On PostgreSQL, `0` leaves them to other processes: to workers (see running.md).',
    whenUnset: '`8`',
    secret: false,
  },
  LATCHWORK_CHECK_HOURS: {
    ...whole('hours', 1, 168),
    about: 'The hours between two checks of a credential. Each credential has its own time.',
    whenUnset: '`6`',
    secret: false,
  },
  ...keepDefinitions,
  LATCHWORK_SMTP_URL: {
    schema: z.string().refine((text) => {
      const url = URL.parse(text)
      return url !== null && /^smtps?:$/.test(url.protocol) && url.hostname !== ''
    }),
    rule: 'smtp_url',
    mustBe:
      'an address like smtps://user:password@mail.company.example (special characters in the password percent-encoded)',
    about:
      'The mail server for alerts: `smtps://` for TLS from the start, `smtp://` for STARTTLS, which is required except for a server on this machine.',
    whenUnset: 'no email is sent',
    secret: true,
  },
  LATCHWORK_SMTP_FROM: {
    schema: emailSchema,
    rule: 'email',
    mustBe: 'an email address',
    about: 'The sender of alerts. Goes with `LATCHWORK_SMTP_URL`.',
    whenUnset: "`latchwork@` and the public address's host",
    secret: false,
  },
  LATCHWORK_ALERT_EMAIL: {
    schema: emailSchema,
    rule: 'email',
    mustBe: 'an email address',
    about:
      "The address that gets all alerts, except those about a person's own sign-in. Goes with `LATCHWORK_SMTP_URL`.",
    whenUnset: "to the credential's owner",
    secret: false,
  },
  LATCHWORK_ALERT_WEBHOOK_URL: {
    schema: z.string().refine((text) => {
      const url = URL.parse(text)
      if (url === null || url.username !== '' || url.password !== '') return false
      return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname))
    }),
    rule: 'https_url',
    mustBe: 'an https address without a user and password (http only for this machine)',
    about:
      'The address that alerts are posted to, as signed JSON. Goes with `LATCHWORK_ALERT_WEBHOOK_SECRET`. It is treated as a secret, since such addresses often hold a token.',
    whenUnset: 'none are posted',
    secret: true,
  },
  LATCHWORK_ALERT_WEBHOOK_SECRET: {
    schema: z
      .string()
      .min(16)
      .max(200)
      .refine((text) => !text.startsWith('whsec_') || isWebhookKey(text.slice('whsec_'.length))),
    rule: 'secret',
    mustBe: 'a secret of 16 to 200 characters; after whsec_, 24 to 64 bytes in base64',
    about:
      'The secret that signs alerts, as in Standard Webhooks. Make it with `echo "whsec_$(openssl rand -base64 32)"`; any other text is used as it is. [How a receiver verifies](failures.md#verifying-a-webhook).',
    whenUnset: 'as above',
    secret: true,
  },
} as const satisfies Record<`LATCHWORK_${string}`, SettingDefinition>

export type SettingName = keyof typeof settingDefinitions

/** Read by the tests and not by the server. */
export const testSettingPrefix = 'LATCHWORK_TEST_'
