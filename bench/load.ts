import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { withSbin } from './nginx.ts'

export interface Load {
  readonly url: string
  /** Taken in turn. */
  readonly tokens: readonly string[]
  readonly seconds: number
}

export interface Answered {
  readonly perSecond: number
  readonly p99Ms: number
}

const connections = 16
const unitMs = { us: 0.001, ms: 1, s: 1000 } as const

/** Calls from 16 connections. @throws Error where one is not answered with 200 */
export async function answered({ url, tokens, seconds }: Load): Promise<Answered> {
  const folder = mkdtempSync(join(tmpdir(), 'latchwork-load-'))
  try {
    const script = join(folder, 'turns.lua')
    writeFileSync(
      script,
      `local tokens = {${tokens.map((token) => `"${token}"`).join(',')}}
local turn = 0
request = function()
  turn = turn % #tokens + 1
  return wrk.format("GET", nil, {Authorization = "Bearer " .. tokens[turn]})
end
`,
    )
    const flags = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url]
    const { stdout } = await promisify(execFile)('wrk', flags, { env: withSbin() })
    const perSecond = Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1])
    const [, number, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? []
    if (/Non-2xx|Socket errors/.test(stdout) || !(perSecond > 0) || !isUnit(unit))
      throw new Error(`not all calls were answered: ${stdout}`)
    return { perSecond, p99Ms: Number(number) * unitMs[unit] }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function isUnit(text: string | undefined): text is keyof typeof unitMs {
  return text !== undefined && Object.hasOwn(unitMs, text)
}
