import type { Run } from '@latchwork/contract'

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
  if (run.status === 'succeeded') return 1
  if (run.recordsExpected === null || run.recordsExpected === 0) return null
  return Math.min(1, (run.recordsWritten + run.recordsRefused) / run.recordsExpected)
}

/** A span of time in words as short as they can be: "820 ms", "4.2 s", "3 min 20 s", "2 h 5 min". */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
}

const byteUnits = ['kB', 'MB', 'GB', 'TB']

/** A size in decimal units: "820 bytes", "18.4 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  let size = bytes
  let unit = 'bytes'
  for (const next of byteUnits) {
    if (size < 1000) break
    size /= 1000
    unit = next
  }
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${unit}`
}

const number = new Intl.NumberFormat('en')

/** A count with separators between thousands. */
export function formatCount(count: number): string {
  return number.format(count)
}

/** A rate with as many digits as mean something. */
export function formatRate(perSecond: number): string {
  return perSecond < 10 ? perSecond.toFixed(1) : number.format(Math.round(perSecond))
}
