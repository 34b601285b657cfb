import { createClient, type Problem, problemSchema } from '@latchwork/contract'

const signedOutCode = 'not_signed_in'

/** The words of a refusal for a person. The page asks them to sign in again before they read that the session had ended. */
export function refusalWords({ code, detail }: Pick<Problem, 'code' | 'detail'>): string {
  return code === signedOutCode ? 'Your session had ended, so nothing was changed. Try again.' : detail
}

const listeners = new Set<() => void>()

/** Hears each time that the server says nobody is signed in, whichever request was refused. */
export function onSignedOut(listener: () => void): void {
  listeners.add(listener)
}

/** Tells the listeners if a refusal says that nobody is signed in. */
export function hearRefusal(body: unknown): void {
  if (problemSchema.safeParse(body).data?.code !== signedOutCode) return
  for (const listener of listeners) listener()
}

/** The REST API of this page's own origin, as whoever is signed in. */
export const api = createClient({
  fetch: async (url, init) => {
    const answer = await fetch(url, { ...init, credentials: 'same-origin' })
    if (answer.status === 401)
      hearRefusal(
        await answer
          .clone()
          .json()
          .catch(() => null),
      )
    return answer
  },
})
