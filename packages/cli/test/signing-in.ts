import { readFileSync } from 'node:fs'
import { fingerprintOf } from '../src/connection.ts'
import type { Shell } from './command.ts'
import type { Product } from './server.ts'

/** The fingerprint that an administrator reads off the server. */
export function fingerprint({ certificateFile }: Product): string {
  return fingerprintOf(readFileSync(certificateFile, 'utf8'))
}

/** `latchwork login` and the click of the person at the browser. */
export async function signIn(shell: Shell, product: Product) {
  const login = shell.start(['login', product.url, '--fingerprint', fingerprint(product)])
  const [, userCode = ''] = await login.said(/\/device\?code=(\S+)/)
  await product.person.client.devices.decide({ body: { userCode, allow: true } })
  return login.ended
}
