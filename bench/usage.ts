import { readFileSync } from 'node:fs'

/** So often the memory of a process is looked at. */
const lookEveryMs = 50
/** Of the clock that Linux counts processor time with. */
const ticksPerSecond = 100
const megabyte = 1024 * 1024

/** Seconds of processor time that a process has used. Needs Linux. */
function cpuSeconds(pid: number): number {
  const [, counts = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
  const [user = 0, system = 0] = counts.split(' ').slice(11, 13).map(Number)
  return (user + system) / ticksPerSecond
}

/** Megabytes of memory that a process has. Needs Linux. */
function memoryOf(pid: number): number {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number(kilobytes) * 1024) / megabyte
}

export interface Usage {
  readonly cpuSeconds: number
  readonly restMegabytes: number
  readonly peakMegabytes: number
}

/** What a process used while the work was done. */
export async function during<T>(pid: number, work: () => Promise<T>): Promise<{ result: T; usage: Usage }> {
  const [startedAt, rest] = [cpuSeconds(pid), memoryOf(pid)]
  let peak = rest
  const looking = setInterval(() => {
    peak = Math.max(peak, memoryOf(pid))
  }, lookEveryMs)
  try {
    const result = await work()
    const used = cpuSeconds(pid) - startedAt
    return { result, usage: { cpuSeconds: used, restMegabytes: rest, peakMegabytes: peak } }
  } finally {
    clearInterval(looking)
  }
}
