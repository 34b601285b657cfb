import { Text } from '@mantine/core'
import { useSyncExternalStore } from 'react'
import { absoluteTime, relativeTime } from './time-words.ts'

const tickMs = 30_000
const listeners = new Set<() => void>()
let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | undefined

/** One timer for every time on the page, and none while there is none. */
function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) timer = setInterval(tick, tickMs)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) clearInterval(timer)
  }
}

function tick(): void {
  nowMs = Date.now()
  for (const listener of listeners) listener()
}

/** A time that is over, as words that stay true; the exact time on hover. `at` is ISO 8601. */
export function TimeAgo({ at }: { at: string }) {
  return <TimeInWords at={at} isAhead={false} />
}

/** As `TimeAgo`, of a time that is to come: "in 3 days". */
export function TimeUntil({ at }: { at: string }) {
  return <TimeInWords at={at} isAhead />
}

function TimeInWords({ at, isAhead }: { at: string; isAhead: boolean }) {
  useSyncExternalStore(subscribe, () => nowMs)
  const atMs = Date.parse(at)
  return (
    <time dateTime={at} title={absoluteTime(atMs)}>
      {relativeTime(atMs, Date.now(), isAhead)}
    </time>
  )
}

/** Both: how long ago, and the exact time small beside it. */
export function TimeOf({ at }: { at: string }) {
  return (
    <>
      <TimeAgo at={at} />
      <Text span size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {' '}
        {absoluteTime(Date.parse(at))}
      </Text>
    </>
  )
}

/** When something was last used, inside a sentence: "last used 2 hours ago". */
export function LastUsed({
  at,
  word = 'last used',
}: {
  at: string | null
  word?: 'last used' | 'Last used'
}) {
  if (at === null) return word === 'last used' ? 'not used yet' : 'Not used yet'
  return (
    <>
      {word} <TimeAgo at={at} />
    </>
  )
}
