import type { Clock } from '@latchwork/connectors'
import {
  type Alert,
  type AlertKind,
  type AlertPreferences,
  type alertChannels,
  alertPreferencesSchema,
  alertTopics,
  LatchworkError,
  newId,
  outsideText,
  type User,
} from '@latchwork/contract'
import { readJson, toTime } from '../database/columns.ts'
import type { MetadataStore } from '../database/metadata.ts'
import type { MemberStore } from '../identity/store/members.ts'
import type { Job, JobQueue } from '../jobs/interface.ts'
import type { Logger } from '../logging/logger.ts'
import type { AlertSettings } from '../settings/settings.ts'
import { sendEmail } from './email.ts'
import type { AlertRow, AlertStore } from './store.ts'
import { postWebhook } from './webhook.ts'

export interface AlertingParts {
  readonly stores: {
    readonly alerts: AlertStore
    readonly metadata: MetadataStore
    readonly members: MemberStore
    now(): Promise<Date>
    commit<T>(work: () => Promise<T>): Promise<T>
  }
  readonly authentication: { users(ids: readonly string[]): Promise<ReadonlyMap<string, User>> }
  readonly jobs: JobQueue
  readonly settings: AlertSettings
  readonly publicUrl: string
  readonly clock: Clock
  readonly log: Pick<Logger, 'warn'>
}

type Channel = (typeof alertChannels)[number]

/** Alerts people: in the page at once, by email and webhook through the job queue, which retries. */
export class Alerting {
  readonly #parts: AlertingParts

  constructor(parts: AlertingParts) {
    this.#parts = parts
  }

  /** Puts each unsent alert into the queue, once for each channel. */
  async tick(signal: AbortSignal): Promise<void> {
    const { stores, jobs, settings } = this.#parts
    for (;;) {
      const ids = await stores.alerts.unsent(100)
      for (const alertId of ids) {
        for (const channel of ['email', 'webhook'] as const) {
          if (settings[channel] === null) continue
          await jobs.enqueue('alert', { alertId, channel }, { key: `${alertId}:${channel}` })
        }
        await stores.alerts.markSent(alertId)
      }
      if (ids.length === 0 || signal.aborted) return
    }
  }

  /** @throws the receiver's error; the queue then tries again */
  async deliver({ payload }: Pick<Job<'alert'>, 'payload'>): Promise<void> {
    const alert = await this.#parts.stores.alerts.find(payload.alertId)
    if (alert !== null) await this.#send(alert, payload.channel)
  }

  async list(user: User, limit: number) {
    const { stores, settings } = this.#parts
    const owner = user.role === 'admin' ? null : user.id
    const readAt = (await stores.metadata.get(readName(user))) ?? new Date(0).toISOString()
    const muted = kindsOf(await this.preferences(user.id))
    const [rows, unread] = await Promise.all([
      stores.alerts.list(owner, limit, muted),
      stores.alerts.count(owner, Date.parse(readAt), muted),
    ])
    const to = settings.email === null ? null : (settings.email.to ?? 'the owner of the credential or flow')
    const webhook = settings.webhook === null ? null : new URL(settings.webhook.url).origin
    return { items: rows.map(toAlert), unread, targets: { email: to, webhook } }
  }

  async read(user: User): Promise<void> {
    const { stores } = this.#parts
    await stores.metadata.set(readName(user), (await stores.now()).toISOString())
  }

  async preferences(memberId: string): Promise<AlertPreferences> {
    const stored = await this.#parts.stores.metadata.get(preferencesName(memberId))
    return stored === null
      ? { muted: [] }
      : readJson(stored, alertPreferencesSchema, preferencesName(memberId))
  }

  async setPreferences(memberId: string, { muted }: AlertPreferences): Promise<AlertPreferences> {
    const preferences = { muted: [...new Set(muted)] }
    await this.#parts.stores.metadata.set(preferencesName(memberId), JSON.stringify(preferences))
    return preferences
  }

  /**
   * Sends a test alert while the caller waits.
   * @throws {LatchworkError} `alert_channel_unset`, `alert_undelivered`
   */
  async test(channel: Channel, user: User): Promise<void> {
    const { stores, settings, log } = this.#parts
    if (channel !== 'page' && settings[channel] === null) throw new LatchworkError('alert_channel_unset')
    const alert: AlertRow = {
      id: newId('alert'),
      kind: 'test',
      credentialId: null,
      flowId: null,
      passId: null,
      ownerId: user.id,
      code: null,
      title: 'A test alert',
      message: `Sent by ${user.name} to see that alerts arrive.`,
      createdAt: (await stores.now()).getTime(),
    }
    if (channel === 'page') {
      await stores.commit(() => stores.alerts.insert(alert))
      return
    }
    try {
      await this.#send(alert, channel)
    } catch (error) {
      log.warn({ err: error, channel }, 'a test alert was not delivered')
      const said = error instanceof Error ? outsideText(error.message, { max: 200 }) : 'no answer'
      throw new LatchworkError('alert_undelivered', {
        message: `The test alert could not be delivered: ${said}. Check the settings of the server.`,
        cause: error,
      })
    }
  }

  async #send(alert: AlertRow, channel: 'email' | 'webhook'): Promise<void> {
    const { settings, publicUrl, clock } = this.#parts
    const link = `${publicUrl}${pathOf(alert)}`
    if (channel === 'webhook') {
      if (settings.webhook === null) return
      await postWebhook(settings.webhook, alert.id, { ...toAlert(alert), link }, clock.now())
      return
    }
    if (settings.email === null) return
    // An alert about a sign-in goes to the person concerned, even if all others go to one address.
    const to = alert.kind === 'sign_in' ? null : settings.email.to
    const all = to === null ? await this.#addressesOf(alert) : [to]
    for (const to of all) await sendEmail(settings.email, to, alert, link)
  }

  /** An alert without an owner goes to the administrators. */
  async #addressesOf({ ownerId, kind }: AlertRow): Promise<string[]> {
    const { authentication, stores } = this.#parts
    const owners =
      ownerId === ''
        ? (await stores.members.list()).filter(({ role }) => role === 'admin')
        : [...(await authentication.users([ownerId])).values()]
    const wanted = await Promise.all(
      owners.map(async ({ id, email }) =>
        kindsOf(await this.preferences(id)).includes(kind) ? [] : [email],
      ),
    )
    return wanted.flat()
  }
}

function pathOf({ kind, credentialId, flowId, passId }: AlertRow): string {
  if (kind === 'sign_in') return '/settings'
  if (flowId !== null) return `/flows/${flowId}`
  if (passId !== null) return `/passes/${passId}`
  return credentialId === null ? '/health' : `/credentials?id=${credentialId}`
}

/** The kinds of alerts that a member does not want. */
function kindsOf({ muted }: AlertPreferences): AlertKind[] {
  return alertTopics.filter(({ id }) => muted.includes(id)).flatMap(({ kinds }) => [...kinds])
}

function preferencesName(memberId: string): string {
  return `alerts.preferences.${memberId}`
}

function readName(user: User): string {
  return `alerts.read.${user.id}`
}

function toAlert({ ownerId: _, ...alert }: AlertRow): Alert {
  return { ...alert, createdAt: toTime(alert.createdAt) }
}
