import { Socket } from 'node:net'
import { cleanError } from '@latchwork/connectors'
import { isLoopbackHost } from '@latchwork/contract'
import { createTransport } from 'nodemailer'
import type { EmailSettings } from '../settings/settings.ts'
import type { AlertRow } from './store.ts'

/** Limits on a mail server's answers: their size and the time to wait for them. */
export interface EmailLimits {
  /** For one step: the connection, the greeting, the next bytes. */
  readonly stepMs: number
  /** For the whole exchange: a server that sends byte by byte never exceeds the limit of a step. */
  readonly wholeMs: number
  /** For one answer. */
  readonly answerBytes: number
}

const usualLimits: EmailLimits = { stepMs: 15_000, wholeMs: 60_000, answerBytes: 64 * 1024 }

/**
 * Sends one message. The connection to another machine is always encrypted.
 * @throws the mail server's error, without the password
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
      // One id for each alert, so that a mail program shows a repeated mail once.
      messageId: `<${alert.id}@latchwork.invalid>`,
    })
  } catch (error) {
    // The error may repeat the password, in its message and in its `response`.
    if (error instanceof Error) Reflect.deleteProperty(error, 'response')
    throw cleanError(error, { secrets: [password, url.password], shown: [] })
  } finally {
    clearTimeout(tooLong)
    socket.destroy()
    transport.close()
  }
}
