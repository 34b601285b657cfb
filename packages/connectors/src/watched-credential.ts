import type { OutsideTextRule } from '@latchwork/contract'
import type { CredentialAccess } from './interface.ts'

/** A credential that knows what was handed out of it, so that it can be found in what comes back. */
export interface WatchedCredential extends CredentialAccess {
  /** The secrets that its system may have been sent, and its values that stand in the open. Never throws. */
  sent(): Promise<SentSecrets>
}

export type SentSecrets = Required<Pick<OutsideTextRule, 'secrets' | 'shown'>>

const watched = new WeakSet<CredentialAccess>()

function isWatched(credential: CredentialAccess): credential is WatchedCredential {
  return watched.has(credential)
}

/** Watches a credential; one that is watched already stays the same, so that all who use it know the same. */
export function watchCredential(credential: CredentialAccess): WatchedCredential {
  if (isWatched(credential)) return credential
  const taken = new Set<string>()
  const take = (secret: string): string => {
    taken.add(secret)
    return secret
  }
  const watching: WatchedCredential = {
    id: credential.id,
    get method() {
      return credential.method
    },
    organizationId: credential.organizationId,
    get values() {
      return credential.values
    },
    secret: async (field) => take(await credential.secret(field)),
    accessToken: async () => take(await credential.accessToken()),
    rejected: (refused, reason) => credential.rejected(refused, reason),
    bucket: async () => (await credential.bucket?.()) ?? credential.id,
    sent: async () => {
      // What can't be opened was not sent either, in this use.
      const others = (await credential.otherSecrets?.().catch(() => [])) ?? []
      return { secrets: [...taken, ...others], shown: Object.values(credential.values) }
    },
  }
  watched.add(watching)
  return watching
}

/** What was sent through these credentials; nothing where there is none. */
export async function sentThrough(
  ...credentials: readonly (WatchedCredential | null)[]
): Promise<SentSecrets> {
  const sent = await Promise.all(credentials.map((credential) => credential?.sent()))
  return {
    secrets: sent.flatMap((each) => each?.secrets ?? []),
    shown: sent.flatMap((each) => each?.shown ?? []),
  }
}
