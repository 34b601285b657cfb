import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { startStopwatch } from '../../src/credentials/tokens/stopwatch.ts'

/** The machine's clock, set forward or back. */
function settable() {
  let offsetMs = 0
  return {
    clock: { now: () => Date.now() + offsetMs, sleep: async () => undefined },
    set: (byMs: number) => {
      offsetMs += byMs
    },
  }
}

it('goes on counting when the clock is set back', async () => {
  const { clock, set } = settable()
  const elapsedMs = startStopwatch(clock)
  set(-600_000)
  await sleep(30)
  expect(elapsedMs()).toBeGreaterThanOrEqual(29)
  expect(elapsedMs()).toBeLessThan(600_000)
})

it('counts what the clock was set forward, as after a sleep of the machine', () => {
  const { clock, set } = settable()
  const elapsedMs = startStopwatch(clock)
  set(600_000)
  expect(elapsedMs()).toBeGreaterThanOrEqual(600_000)
})
