import { z } from 'zod'

const channelName = 'latchwork-oauth'

const outcomeSchema = z.object({
  credentialId: z.string(),
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
