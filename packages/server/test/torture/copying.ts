import {
  type Clock,
  type CredentialAccess,
  connectorMap,
  createCloseConnector,
  type Source,
} from '@latchwork/connectors'
import { type ChosenStream, executeRun } from '@latchwork/sync'
import { z } from 'zod'
import type { KeptCopy } from './kept-copy.ts'

/** What is copied of each stream: what a record has of its own, and what a lead shows of its children. */
export const copied = {
  leads: [
    'name',
    'description',
    'status_id',
    'contacts',
    'opportunities',
    'tasks',
    'date_created',
    'date_updated',
  ],
  contacts: ['lead_id', 'name', 'title', 'emails', 'date_created', 'date_updated'],
  opportunities: ['lead_id', 'contact_id', 'value', 'confidence', 'note', 'date_created', 'date_updated'],
  tasks: ['_type', 'lead_id', 'text', 'is_complete', 'date_created', 'date_updated'],
  activities: ['_type', 'lead_id', 'contact_id', 'user_id', 'note', 'date_created', 'date_updated'],
} as const

export type CopiedStream = keyof typeof copied

/** Some that have events: each costs a few requests a run. */
export const copiedKinds = ['note', 'call', 'email', 'sms', 'meeting', 'lead_merge'] as const

export const copyOrderSchema = z.object({
  /** The SQLite file of the copy. */
  file: z.string(),
  apiUrl: z.string(),
  apiKey: z.string(),
  organizationId: z.string(),
  deletions: z.enum(['mark', 'remove']),
})
export type CopyOrder = z.infer<typeof copyOrderSchema>

/** How a process ends that finds another one in its place. */
export const takenExitCode = 75

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

/** Opens the source of a copy; another than the connector's shows what a test can see. */
export type OpenSource = (order: CopyOrder, signal: AbortSignal) => Promise<Source>

/** Takes the run up and moves all streams to their end, from where the copy stands. @throws the signal's reason, RunTaken */
export async function copyChanges(
  order: CopyOrder,
  copy: KeptCopy,
  signal: AbortSignal,
  openSource: OpenSource = openClose,
): Promise<void> {
  const { deletions } = order
  copy.take()
  const selections = Object.entries(copied).map(([stream, columns]): ChosenStream => {
    const kinds = stream === 'activities' ? copiedKinds.map((kind) => `activity.${kind}`).join() : ''
    return { stream, mode: 'incremental', columns, parameters: { kinds }, deletions }
  })
  const outcome = await executeRun({
    ...{ selections, atOnce: 3, clock, signal },
    openSource: (ended) => openSource(order, ended),
    openDestination: async () => copy.destination(),
    journal: copy.journal(),
    waits: { longestMs: 0, firstPauseMs: 1, longestPauseMs: 1 },
    names: { source: 'Close', destination: 'the copy' },
    activity: () => undefined,
  })
  if (outcome.status !== 'succeeded')
    throw new Error(`the run has ${outcome.status}: ${outcome.error?.message}`)
}

async function openClose(
  { apiUrl, apiKey, organizationId }: CopyOrder,
  signal: AbortSignal,
): Promise<Source> {
  const connector = connectorMap([createCloseConnector({ clock, apiUrl, appUrl: apiUrl })]).get('close')
  const credential: CredentialAccess = {
    ...{ id: 'cred_0000000000000000000001', method: 'api_key', organizationId, values: {} },
    secret: async () => apiKey,
    accessToken: () => Promise.reject(new Error('an API key has no access token')),
    rejected: async () => false,
  }
  const source = await connector?.openSource?.({}, credential, { signal })
  if (source === undefined) throw new Error('there is no source of Close')
  return source
}
