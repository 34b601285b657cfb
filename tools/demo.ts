import { parseArgs } from 'node:util'
import { runOnce } from './demo/once.ts'
import { type Demo, startDemo } from './demo/parts.ts'
import { offerSignInLink } from './demo/sign-in-link.ts'

/*
 * `npm run demo`: the sandbox and the server, ready for a browser. `-- --once` does the main job without one and ends
 * with one line of JSON on standard output. Everything else goes to standard error.
 */
const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    leads: { type: 'string', default: '250' },
    port: { type: 'string', default: '8443' },
  },
})
const leads = Number(values.leads)
const port = Number(values.port)
const say = (line: string) => process.stderr.write(`${line}\n`)

if (!Number.isInteger(leads) || leads < 1 || leads > 1_000_000)
  fail('--leads takes a whole number from 1 to 1000000')
if (!Number.isInteger(port) || port < 0 || port > 65_535) fail('--port takes a whole number from 0 to 65535')

let demo: Demo
try {
  demo = await startDemo({ leads, port: values.once ? 0 : port, say })
} catch (error) {
  fail(error instanceof Error ? error.message : String(error))
}
if (values.once) await once()
else await present()

async function once(): Promise<void> {
  try {
    const result = await runOnce(demo, say)
    process.stdout.write(`${JSON.stringify(result)}\n`)
  } catch (error) {
    say(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  } finally {
    await demo.stop()
  }
}

async function present(): Promise<void> {
  const app = demo.sandbox.oauthApps[0]
  const key = demo.sandbox.apiKeys[0]
  const link = await offerSignInLink(demo)
  process.stdout.write(`
Open Latchwork, signed in (this link works once)
  ${link.url}
  Its certificate was made for this machine: the browser asks whether to go on.

Later                   ${demo.url}
  Email                 ${demo.email}
  Password              ${demo.password}

To paste when you add a Close credential, or make your own by the links beside the form
  API Key               ${key?.key}
  Client ID             ${app?.clientId}
  Client Secret         ${app?.clientSecret}

The sandbox Close       ${demo.sandbox.appUrl}
Press Ctrl-C to stop. Nothing is kept.
`)
  let stopping = false
  const stop = async (status: number) => {
    if (stopping) return
    stopping = true
    say('Stopping ...')
    link.close()
    await demo.stop()
    process.exit(status)
  }
  process.on('SIGINT', () => stop(0))
  process.on('SIGTERM', () => stop(0))
  demo.server.ended().then((status) => stop(status))
}

function fail(message: string): never {
  say(message)
  process.exit(1)
}
