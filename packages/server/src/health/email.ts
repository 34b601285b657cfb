import { Socket } from 'node:net'
import { cleanError } from '@latchwork/connectors'
import { isLoopbackHost } from '@latchwork/contract'
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

/** How much of a mail server's answers is taken, and for how long. */
export interface EmailLimits {
  /** For one step: the connection, the greeting, the next bytes. */
  readonly stepMs: number
  /** From the connection to the end: a server that answers drop by drop ends no step. */
  readonly wholeMs: number
  /** Of one answer. */
  readonly answerBytes: number
}

const usualLimits: EmailLimits = { stepMs: 15_000, wholeMs: 60_000, answerBytes: 64 * 1024 }

/**
 * Sends one message. To another machine only encrypted.
 * @throws whatever the mail server refused it with, without the password
 */
export async function sendEmail(
  { smtpUrl, from }: EmailSettings,
  to: string,
  alert: Pick<AlertRow, 'id' | 'title' | 'message'>,
  link: string,
  limits: EmailLimits = usualLimits,
): Promise<void> {
  const url = new URL(smtpUrl.reveal())
  const secure = url.protocol === 'smtps:'
  const password = decodeURIComponent(url.password)
  const socket = new Socket()
  const transport = createTransport({
    socket,
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS: !secure && !isLoopbackHost(url.hostname),
    ...(url.username === '' ? {} : { auth: { user: decodeURIComponent(url.username), pass: password } }),
    connectionTimeout: limits.stepMs,
    greetingTimeout: limits.stepMs,
    socketTimeout: limits.stepMs,
    maxResponseSize: limits.answerBytes,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  const tooLong = setTimeout(
    () => socket.destroy(new Error(`the mail server took longer than ${limits.wholeMs} ms`)),
    limits.wholeMs,
  )
  try {
    await transport.sendMail({
      from,
      to,
      subject: `[Latchwork] ${alert.title}`,
      text: `${alert.title}\n\n${alert.message}\n\n${link}\n`,
      // One id an alert: a mail that is delivered twice is shown once.
      messageId: `<${alert.id}@latchwork.invalid>`,
    })
  } catch (error) {
    // It may repeat what it was given, in its message and in the answer that it carries.
    if (error instanceof Error) Reflect.deleteProperty(error, 'response')
    throw cleanError(error, { secrets: [password, url.password], shown: [] })
  } finally {
    clearTimeout(tooLong)
    socket.destroy()
    transport.close()
  }
}
