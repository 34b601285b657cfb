import { readFileSync } from 'node:fs'
import { fingerprintOf } from '../src/connection.ts'
import { Shell } from './command.ts'
import { type Product, startProduct } from './server.ts'

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

/** A shell as a sign-in leaves it, where the sign-in itself is not what is looked at. */
export async function signedInShell(product: Product): Promise<Shell> {
  const { token, secret } = await product.person.client.tokens.create({ body: { name: 'a terminal' } })
  const shell = new Shell()
  const certificate = readFileSync(product.certificateFile, 'utf8')
  shell.configure({
    current: product.url,
    servers: { [product.url]: { certificate, token: secret, tokenId: token.id } },
  })
  return shell
}

/** What most tests of commands begin with; `beforeAll` returns its `stop`. */
export async function startSignedIn() {
  const product = await startProduct()
  const shell = await signedInShell(product)
  const stop = async () => {
    shell[Symbol.dispose]()
    await product[Symbol.asyncDispose]()
  }
  return { product, shell, stop }
}
