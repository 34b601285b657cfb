import { isDeepStrictEqual } from 'node:util'
import { LatchworkError } from '@latchwork/contract'

const words: Readonly<Record<string, string>> = {
  credentialId: 'the credential',
  config: 'the settings',
  schedule: 'the schedule',
  scheduleMinutes: 'the schedule',
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
