import type { Run } from '@latchwork/contract'
import { useEffect, useState } from 'react'

/** Whether a run still changes. */
export function isActive(run: Pick<Run, 'status'>): boolean {
  return run.status === 'queued' || run.status === 'running'
}

/** How long a run has been working so far, or worked in all. Null before it started. Milliseconds. */
export function elapsedMs(run: Pick<Run, 'startedAt' | 'finishedAt'>, nowMs: number): number | null {
  if (run.startedAt === null) return null
  const endMs = run.finishedAt === null ? nowMs : Date.parse(run.finishedAt)
  // The server's clock may be ahead of this computer's.
  return Math.max(0, endMs - Date.parse(run.startedAt))
}

/** Records read a second on average; null until that means something. */
export function recordsPerSecond(
  run: Pick<Run, 'recordsRead' | 'startedAt' | 'finishedAt'>,
  nowMs: number,
): number | null {
  const ms = elapsedMs(run, nowMs)
  return ms === null || ms < 500 || run.recordsRead === 0 ? null : run.recordsRead / (ms / 1000)
}

/** Share of the expected records that were dealt with, 0 to 1; null where the source didn't tell how many there are. */
export function progressOf(
  run: Pick<Run, 'status' | 'recordsExpected' | 'recordsWritten' | 'recordsRefused'>,
): number | null {
  if (run.status === 'succeeded' || run.status === 'partial') return 1
  if (run.recordsExpected === null || run.recordsExpected === 0) return null
  return Math.min(1, (run.recordsWritten + run.recordsRefused) / run.recordsExpected)
}

/** This computer's time in milliseconds, ticking once a second while `ticking`. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (!ticking) return
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
