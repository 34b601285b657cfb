import type { Run, RunStream, RunWithStreams } from '@latchwork/contract'
import { useEffect, useState } from 'react'

/** An estimate of the first seconds is none. */
const tellingAfterMs = 2000

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
  return rateOf(run.recordsRead, elapsedMs(run, nowMs))
}

/** As `recordsPerSecond`, of what has worked so long. */
export function rateOf(recordsRead: number, workedMs: number | null): number | null {
  return workedMs === null || workedMs < 500 || recordsRead === 0 ? null : recordsRead / (workedMs / 1000)
}

/** Share of the expected records that were dealt with, 0 to 1; null where the source didn't tell how many there are. */
export function progressOf(
  run: Pick<Run, 'status' | 'recordsExpected' | 'recordsWritten' | 'recordsRefused'>,
): number | null {
  if (run.status === 'succeeded' || run.status === 'partial') return 1
  if (run.recordsExpected === null || run.recordsExpected === 0) return null
  return Math.min(1, (run.recordsWritten + run.recordsRefused) / run.recordsExpected)
}

/** How many streams of a run that is under way have come to an end; null where there is one. */
export function streamsDone({
  status,
  streams,
}: Pick<RunWithStreams, 'status' | 'streams'>): { readonly done: number; readonly all: number } | null {
  if (status !== 'running' || streams.length < 2) return null
  const open = streams.filter((stream) => stream.status === 'waiting' || stream.status === 'running')
  return { done: streams.length - open.length, all: streams.length }
}

/** How long it still takes at the rate so far, in milliseconds; null where that can't be told. */
export function remainingMs(
  { recordsRead, recordsExpected }: Pick<Run, 'recordsRead' | 'recordsExpected'>,
  workedMs: number | null,
): number | null {
  if (recordsExpected === null || recordsRead === 0 || workedMs === null || workedMs < tellingAfterMs)
    return null
  return (Math.max(0, recordsExpected - recordsRead) * workedMs) / recordsRead
}

/** A stream's time, as `elapsedMs`. */
export function streamMs(
  { begunAt, endedAt }: Pick<RunStream, 'begunAt' | 'endedAt'>,
  nowMs: number,
): number | null {
  return elapsedMs({ startedAt: begunAt, finishedAt: endedAt }, nowMs)
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
