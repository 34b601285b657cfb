import { useSyncExternalStore } from 'react'
import { absoluteTime, relativeTime } from './time-words.ts'

const tickMs = 30_000
let nowMs = Date.now()

// One timer for every time on the page.
const subscribe = (listener: () => void) => {
  nowMs = Date.now()
  const timer = setInterval(() => {
    nowMs = Date.now()
    listener()
  }, tickMs)
  return () => clearInterval(timer)
}

/** A time as words that stay true; the exact time on hover. `at` is ISO 8601. */
export function TimeAgo({ at }: { at: string }) {
  const now = useSyncExternalStore(subscribe, () => nowMs)
  const atMs = Date.parse(at)
  return (
    <time dateTime={at} title={absoluteTime(atMs)}>
      {relativeTime(atMs, Math.max(now, Date.now() - tickMs))}
    </time>
  )
}
