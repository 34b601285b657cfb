import { createClient, problemSchema } from '@latchwork/contract'

const listeners = new Set<() => void>()

/** Hears each time that the server says nobody is signed in, whichever request was refused. */
export function onSignedOut(listener: () => void): void {
  listeners.add(listener)
}

async function isSignedOut(answer: Response): Promise<boolean> {
  if (answer.status !== 401) return false
  const problem = problemSchema.safeParse(await answer.json().catch(() => null))
  return problem.data?.code === 'not_signed_in'
}

/** The REST API of this page's own origin, as whoever is signed in. */
export const api = createClient({
  fetch: async (url, init) => {
    const answer = await fetch(url, { ...init, credentials: 'same-origin' })
    if (await isSignedOut(answer.clone())) for (const listener of listeners) listener()
    return answer
  },
})
