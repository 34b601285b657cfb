import { isDeepStrictEqual } from 'node:util'
import { LatchworkError } from '@latchwork/contract'

const words: Readonly<Record<string, string>> = {
  credentialId: 'the credential',
  config: 'the settings',
  schedule: 'the schedule',
  scheduleMinutes: 'the schedule',
  compare: 'when ids are compared',
  watch: 'what the flow tells of',
  sourceId: 'the source',
  destinationId: 'the destination',
  rules: 'what the pass may do',
  expiresAt: 'until when it lasts',
  neverBecause: 'why it never ends',
  perSecond: 'the requests a second',
  perDay: 'the requests a day',
  confirmWrites: 'whether writes are confirmed',
  muted: 'what you are told',
}

/**
 * Refuses a change by somebody who saw older values: nobody overwrites what another has just written.
 * @param was the values that they saw; undefined: they did not say
 * @throws LatchworkError `conflict`
 */
export function refuseStale(
  now: Readonly<Record<string, unknown>>,
  was: Readonly<Record<string, unknown>> | undefined,
): void {
  const changed = Object.entries(was ?? {})
    .filter(([field, value]) => value !== undefined && !isDeepStrictEqual(now[field], value))
    .map(([field]) => words[field] ?? `the ${field}`)
  if (changed.length === 0) return
  throw new LatchworkError('conflict', {
    message: `Somebody else changed ${changed.join(' and ')} since you opened this. Load it again, then repeat your change.`,
  })
}
