import { z } from 'zod'

const channelName = 'latchwork-oauth'

const outcomeSchema = z.object({
  /** Null where the server couldn't tell which authorization the answer belongs to. */
  credentialId: z.string().nullable(),
  /** `ok`, or a code of the error catalogue. */
  result: z.string(),
})
export type OAuthOutcome = z.infer<typeof outcomeSchema>

/** Tells every other window of this site how an authorization ended. */
export function announceOutcome(outcome: OAuthOutcome): void {
  const channel = new BroadcastChannel(channelName)
  channel.postMessage(outcome)
  channel.close()
}

/** Hears how authorizations end. Answers a function that stops listening. */
export function listenForOutcomes(onOutcome: (outcome: OAuthOutcome) => void): () => void {
  const channel = new BroadcastChannel(channelName)
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const outcome = outcomeSchema.safeParse(data)
    if (outcome.success) onOutcome(outcome.data)
  }
  return () => channel.close()
}

const departureKey = 'latchwork-authorizing'

/** Remembers, in this window only, which form was left for the other system's page. */
export function rememberDeparture(credentialId: string, returnTo: string): void {
  const url = new URL(returnTo, window.location.origin)
  url.searchParams.set('draft', credentialId)
  sessionStorage.setItem(departureKey, url.pathname + url.search)
}

/** The person is back, or never left. */
export function forgetDeparture(): void {
  sessionStorage.removeItem(departureKey)
}

/** The way back to the form that this window left, with how that ended; null if it left none. Forgets it. */
export function takeDeparture(result: string): string | null {
  const left = sessionStorage.getItem(departureKey)
  sessionStorage.removeItem(departureKey)
  if (left === null) return null
  const url = new URL(left, window.location.origin)
  url.searchParams.set('result', result)
  return url.pathname + url.search
}

/**
 * The address of this screen, to come back to: without what an earlier way back has put into it.
 * @param beside what else the address is to say
 */
export function returnPath(beside: Readonly<Record<string, string>> = {}): string {
  const { pathname, search } = window.location
  const query = new URLSearchParams(search)
  query.delete('draft')
  query.delete('result')
  for (const [name, value] of Object.entries(beside)) query.set(name, value)
  const rest = query.toString()
  return rest === '' ? pathname : `${pathname}?${rest}`
}

const popup = { width: 560, height: 760 }

/**
 * Opens a new window: one of a name could be an earlier one that is just being closed.
 * Must be called in the click itself, before anything is waited for: otherwise browsers block it.
 * Null where popups are blocked.
 */
export function openPopup(url = 'about:blank'): Window | null {
  const left = Math.max(0, window.screenX + (window.outerWidth - popup.width) / 2)
  const top = Math.max(0, window.screenY + (window.outerHeight - popup.height) / 2)
  return window.open(
    url,
    '_blank',
    `popup,width=${popup.width},height=${popup.height},left=${left},top=${top}`,
  )
}
