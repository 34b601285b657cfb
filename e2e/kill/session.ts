import { type Client, createClient } from '@latchwork/contract'
import { type Browse, createBrowserless } from '../../tools/demo/browserless.ts'
import { type Demo, startDemo } from '../../tools/demo/parts.ts'
import { serverProgram } from '../../tools/test-processes/bundle.ts'

/** A product to kill, with a signed-in administrator. */
export interface Session {
  readonly demo: Demo
  readonly browse: Browse
  readonly client: Client
}

export async function startSession(leads: number): Promise<Session> {
  const demo = await startDemo({ leads, port: 0, say: () => undefined, program: await serverProgram() })
  const browse = createBrowserless(demo.certificateFile)
  const client = createClient({ baseUrl: demo.url, fetch: browse })
  await client.session.signIn({ body: { email: demo.email, password: demo.password } })
  return { demo, browse, client }
}

export async function killAndRestart({ demo }: Session): Promise<void> {
  await demo.server.end('SIGKILL')
  await demo.server.restart()
}

/** Asks until the answer is the wanted one. @throws Error with the last answer after a minute */
export async function until<T>(ask: () => T | Promise<T>, wanted: (answer: T) => boolean): Promise<T> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const answer = await ask()
    if (wanted(answer)) return answer
    if (Date.now() > deadline) throw new Error(`still not so after a minute: ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
