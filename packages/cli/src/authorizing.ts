import { setTimeout as sleep } from 'node:timers/promises'
import { ApiError, type Client, type Credential } from '@latchwork/contract'
import type { Context } from './context.ts'
import { CommandError } from './exit-codes.ts'

const pollMs = 2000
/** A person who takes longer will hardly return. */
const waitMs = 15 * 60_000

/**
 * Prints the link with which a person grants access in a browser, and waits for the outcome. The link leads to a page
 * of ours, since the authorization must begin and end in the same browser.
 * @throws {CommandError} `refused` with the reason, `failure` if nobody came
 */
export async function waitForAccess(
  context: Context,
  client: Client,
  before: Credential,
): Promise<Credential> {
  const { terminal, io } = context
  const { url } = await client.credentials.askAuthorization({ params: { id: before.id } })
  terminal.note('Open this page in a browser where you are signed in to Latchwork, and grant access:\n')
  terminal.note(`  ${terminal.paintNote('cyan', url)}\n`)
  terminal.note('Waiting…')
  const until = Date.now() + waitMs
  while (Date.now() < until) {
    await sleep(pollMs, undefined, { signal: io.signal })
    const now = await client.credentials.get({ params: { id: before.id } }).catch((error: unknown) => {
      if (error instanceof ApiError && error.code === 'unreachable') return before
      throw error
    })
    if (isGranted(before, now)) return now
    const { refusal } = await client.credentials.authorization({ params: { id: before.id } })
    if (refusal !== null) throw new CommandError('refused', `${refusal.message} (${refusal.code})`)
    const { reason } = now
    const ended = reason !== null && reason.code !== 'oauth_pending' && now.updatedAt !== before.updatedAt
    if (ended) throw new CommandError('refused', `${reason.message} (${reason.code})`)
  }
  throw new CommandError('failure', 'Nobody granted access within 15 minutes.')
}

/** An early refresh also changes the expiry, but not the time of the status. */
function isGranted(before: Credential, now: Credential): boolean {
  if (!now.secretsSet.includes('accessToken') || now.reason?.code === 'oauth_pending') return false
  if (!before.secretsSet.includes('accessToken')) return true
  return now.accessTokenExpiresAt !== before.accessTokenExpiresAt && now.statusAt !== before.statusAt
}
