import { setTimeout as delay } from 'node:timers/promises'
import { type Config, type Connector, type WatchedCredential, watchCredential } from '@latchwork/connectors'
import { LatchworkError, type User } from '@latchwork/contract'
import type { Credentials } from '../../credentials/service/service.ts'
import type { Files } from '../../files/files.ts'
import { under } from '../../http/input.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import type { SideKind } from '../store/sides.ts'
import { checkCredentialGiven, connectorFor } from './sides.ts'

/* What a look into another system needs, for a person who waits for it. */

/** A source or destination that is not saved. */
export interface UnsavedSide {
  readonly connector: string
  readonly credentialId: string | null
  readonly config: Config
}

export interface PreviewParts {
  readonly rules: AccessRules
  readonly credentials: Credentials
  readonly connectors: ReadonlyMap<string, Connector>
  readonly files: Files
}

const limitMs = 20_000

/** Asks for the right to use what a side names, and notes the use. */
export async function access(
  { connectors, credentials, rules }: PreviewParts,
  kind: SideKind,
  side: UnsavedSide,
  user: Pick<User, 'id'>,
  signal: AbortSignal,
): Promise<{ connector: Connector; credential: WatchedCredential | null }> {
  const connector = connectorFor(connectors, kind, side.connector)
  checkCredentialGiven(connector, side.credentialId)
  const { credentialId } = side
  if (credentialId === null) return { connector, credential: null }
  await rules.require(memberOf(user), 'collaborator', { kind: 'credential', id: credentialId })
  // A preview writes nothing: it looks at the destination.
  const use = { direction: 'read', by: { request: kind === 'source' ? 'sample' : 'preview' } } as const
  const opened = await credentials.use(credentialId, side.connector, use, signal)
  return { connector, credential: watchCredential(opened) }
}

/** Names fields as the request does: `file` becomes `source.config.file`. */
export async function fieldsUnder<T>(prefix: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof LatchworkError) || error.errors === undefined) throw error
    const errors = under(prefix, error.errors)
    throw new LatchworkError(error.code, { message: error.message, errors, cause: error.cause })
  }
}

/** A person waits, so work that takes longer than the limit is stopped. */
export async function withinLimit<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController()
  const tooLong = new LatchworkError('unreachable', {
    message: `There was no answer within ${limitMs / 1000} seconds. Try again in a moment.`,
  })
  const limit = delay(limitMs, undefined, { signal: ended.signal }).then(
    () => Promise.reject(tooLong),
    () => undefined,
  )
  const stopped = new AbortController()
  limit.catch(() => stopped.abort(tooLong))
  try {
    const done = work(stopped.signal)
    done.catch(() => undefined)
    await Promise.race([done, limit])
    return await done
  } finally {
    ended.abort()
  }
}
