import type { Secret } from '@latchwork/vault'
import { createTransport } from 'nodemailer'
import type { AlertRow } from '../stores/health-interface.ts'

export interface EmailSettings {
  /** `smtp://user:password@host:587` or `smtps://…`. */
  readonly smtpUrl: Secret
  readonly from: string
  /** Null: each alert goes to the credential's owner. */
  readonly to: string | null
}

const timeoutMs = 15_000
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/

/** Sends one message. To another machine only encrypted. @throws whatever the mail server refused it with */
export async function sendEmail(
  { smtpUrl, from }: EmailSettings,
  to: string,
  alert: Pick<AlertRow, 'id' | 'title' | 'message'>,
  link: string,
): Promise<void> {
  const url = new URL(smtpUrl.reveal())
  const secure = url.protocol === 'smtps:'
  const transport = createTransport({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !loopback.test(url.hostname),
    ...(url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  try {
    await transport.sendMail({
      from,
      to,
      subject: `[Latchwork] ${alert.title}`,
      text: `${alert.title}\n\n${alert.message}\n\n${link}\n`,
      // One id an alert: a mail that is delivered twice is shown once.
      messageId: `<${alert.id}@latchwork.invalid>`,
    })
  } finally {
    transport.close()
  }
}
