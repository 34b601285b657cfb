import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { NginxPlan } from './nginx.ts'

/** Starts `bare-proxy.ts` before the same upstream as nginx. @returns how to stop it */
export async function startBareProxy(
  port: number,
  plan: Pick<NginxPlan, 'upstreamPort' | 'authorization' | 'certificateFile' | 'keyFile'>,
): Promise<() => Promise<void>> {
  const files = ['--certificate', plan.certificateFile, '--key', plan.keyFile]
  const ports = ['--port', String(port), '--upstream', String(plan.upstreamPort)]
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-proxy.ts'), ...ports, ...files], {
    env: { AUTHORIZATION: plan.authorization },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  if (child.exitCode !== null) throw new Error(`The bare proxy ended with status ${child.exitCode}.`)
  return async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
  }
}
