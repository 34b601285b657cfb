import { parseArgs } from 'node:util'
import type { SandboxOptions } from './options.ts'
import { startSandbox } from './sandbox.ts'

const USAGE = `Usage: close-sandbox [options]

  --port N                   port to listen on (default 8090; 0: a free one)
  --host ADDRESS             address to listen on (default 127.0.0.1)
  --leads N                  leads in the first organization (default 250)
  --organizations N          organizations (default 2)
  --seed TEXT                same seed, same accounts, keys and records (default 1)
  --redirect-uri URL         https redirect URI of the OAuth app; may be repeated
  --app-name TEXT            name of the OAuth app on the consent page
  --latency MS               time every API and token request takes (default 0)
  --rate-limit N             requests a second per key and endpoint group (default: none)
  --access-token-seconds N   lifetime of access tokens (default 3600)
  --help                     this text
`

const ARGUMENTS = {
  options: {
    port: { type: 'string', default: '8090' },
    host: { type: 'string', default: '127.0.0.1' },
    leads: { type: 'string', default: '250' },
    organizations: { type: 'string', default: '2' },
    seed: { type: 'string', default: '1' },
    'redirect-uri': { type: 'string', multiple: true },
    'app-name': { type: 'string' },
    latency: { type: 'string', default: '0' },
    'rate-limit': { type: 'string' },
    'access-token-seconds': { type: 'string', default: '3600' },
    help: { type: 'boolean', default: false },
  },
} as const

/** @throws Error naming the option if its value is not a whole number from 0 up */
function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${option} needs a whole number, not "${text}".`)
  return Number(text)
}

type Values = ReturnType<typeof parseArgs<typeof ARGUMENTS>>['values']

function readOptions(values: Values): SandboxOptions {
  for (const uri of values['redirect-uri'] ?? []) {
    if (!URL.canParse(uri) || new URL(uri).protocol !== 'https:') {
      throw new Error(`--redirect-uri needs an absolute https address, not "${uri}".`)
    }
  }
  const rateLimit = values['rate-limit']
  return {
    port: wholeNumber('port', values.port),
    host: values.host,
    leads: wholeNumber('leads', values.leads),
    organizations: wholeNumber('organizations', values.organizations),
    seed: values.seed,
    latencyMs: wholeNumber('latency', values.latency),
    accessTokenSeconds: wholeNumber('access-token-seconds', values['access-token-seconds']),
    ...(values['redirect-uri'] ? { redirectUris: values['redirect-uri'] } : {}),
    ...(values['app-name'] === undefined ? {} : { oauthAppName: values['app-name'] }),
    ...(rateLimit === undefined ? {} : { rateLimit: { limit: wholeNumber('rate-limit', rateLimit) } }),
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs(ARGUMENTS)
  if (values.help) {
    process.stdout.write(USAGE)
    return
  }
  const sandbox = await startSandbox(readOptions(values))
  const nameOf = (organizationId: string): string =>
    sandbox.organizations.find(({ id }) => id === organizationId)?.name ?? organizationId
  const [app] = sandbox.oauthApps
  const lines = [
    `close-sandbox at ${sandbox.apiUrl}  (open it in a browser for accounts and help)`,
    '',
    'API keys:',
    ...sandbox.apiKeys.map(({ key, userId, organizationId }) => {
      const user = sandbox.users.find(({ id }) => id === userId)
      return `  ${key}  ${user?.email}, ${nameOf(organizationId)}`
    }),
    '',
    'OAuth app:',
    `  client id      ${app?.clientId}`,
    `  client secret  ${app?.clientSecret}`,
    `  redirect URIs  ${app?.redirectUris.join(', ')}`,
    '',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      sandbox.close().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`close-sandbox: ${error instanceof Error ? error.message : 'could not start'}\n`)
  process.exitCode = 1
})
