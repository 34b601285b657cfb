import { join } from 'node:path'
import { type Client, type Credential, createClient, type Run } from '@latchwork/contract'
import { type Answer, createBrowserless } from './browserless.ts'
import type { Demo } from './parts.ts'

export interface OnceResult {
  readonly ok: true
  readonly credentials: number
  readonly recordsRead: number
  readonly recordsWritten: number
  readonly seconds: number
}

/**
 * The whole main job without a browser: a credential by API key and one by OAuth, leads from Close into a JSONL file
 * with the first, and from that file into another organization of Close with the second. Everything is compared with
 * what the sandbox holds.
 * @throws Error with the reason when anything is not as it should be
 */
export async function runOnce(demo: Demo, say: (line: string) => void): Promise<OnceResult> {
  const startedAt = Date.now()
  const browse = createBrowserless(join(demo.dataDir, 'tls', 'cert.pem'))
  const client = createClient({ baseUrl: demo.url, fetch: browse })
  const [first, second] = demo.sandbox.organizations
  const key = demo.sandbox.apiKeys.find((candidate) => candidate.organizationId === first?.id)
  if (!first || !second || !key) throw new Error('The sandbox has too few organizations.')

  await client.session.signIn({ body: { email: demo.email, password: demo.password } })
  say(`Signed in as ${demo.email}.`)

  const byKey = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Demo by key', values: { apiKey: key.key } },
  })
  expectVerified(byKey, first.name)
  say(`Credential by API key: verified as ${byKey.identity?.userEmail}, ${byKey.identity?.organizationName}.`)

  const byOAuth = await authorize(client, browse, demo, second.id)
  expectVerified(byOAuth, second.name)
  say(`Credential by OAuth 2.0: authorized as ${byOAuth.identity?.userEmail}, ${byOAuth.identity?.organizationName}.`)

  const truth = demo.sandbox.control.truth(first.id, 'lead')
  const before = demo.sandbox.control.truth(second.id, 'lead').length
  const file = 'leads.jsonl'
  const out = await runFlow(client, say, 'Close leads to a file', {
    source: { connector: 'close', credentialId: byKey.id, config: { object: 'leads' } },
    destination: { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } },
  })
  const lines = (await (await browse(`${demo.url}/api/files/${file}`)).text()).trim().split('\n')
  const ids = new Set(lines.map((line) => idOf(JSON.parse(line))))
  expectEqual('leads in the file', lines.length, truth.length)
  expectEqual('different leads in the file', ids.size, truth.length)

  const mapping = JSON.stringify(['name', 'description', 'url'].map((field) => ({ from: field, to: field })))
  const back = await runFlow(client, say, 'File to Close leads', {
    source: { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } },
    destination: { connector: 'close', credentialId: byOAuth.id, config: { object: 'leads', mode: 'create', mapping } },
  })
  const made = demo.sandbox.control.truth(second.id, 'lead').length - before
  expectEqual('leads created in the other organization', made, truth.length)

  return {
    ok: true,
    credentials: 2,
    recordsRead: out.recordsRead + back.recordsRead,
    recordsWritten: out.recordsWritten + back.recordsWritten,
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  }
}

type Browse = ReturnType<typeof createBrowserless>

/** What a person does in the overlay and on the consent page. */
async function authorize(client: Client, browse: Browse, demo: Demo, organizationId: string): Promise<Credential> {
  const app = demo.sandbox.oauthApps[0]
  if (!app) throw new Error('The sandbox has no OAuth app.')
  const draft = await client.credentials.create({
    body: {
      connector: 'close',
      method: 'oauth2',
      draft: true,
      name: 'Demo by OAuth',
      values: { clientId: app.clientId, clientSecret: app.clientSecret },
    },
  })
  const { authorizeUrl } = await client.credentials.authorize({ params: { id: draft.id }, body: { display: 'popup' } })
  const consent = await (await browse(authorizeUrl)).text()
  const granted = await browse(new URL(authorizeUrl).origin + new URL(authorizeUrl).pathname, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: consentForm(consent, organizationId),
  })
  const callback = redirectOf(granted)
  if (!callback.startsWith(`${demo.url}/oauth/callback?`)) throw new Error('Close sent the browser somewhere else.')
  const done = new URL(redirectOf(await browse(callback)), demo.url)
  expectEqual('result of the authorization', done.searchParams.get('result'), 'ok')
  return client.credentials.save({ params: { id: draft.id }, body: { name: 'Demo by OAuth' } })
}

/** The consent page's form as a browser would send it after choosing an organization and pressing Allow. */
function consentForm(html: string, organizationId: string): string {
  const form = new URLSearchParams()
  for (const [tag] of html.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)) {
    form.append(attribute(tag, 'name'), attribute(tag, 'value'))
  }
  form.set('organization_id', organizationId)
  form.set('decision', 'allow')
  return form.toString()
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? ''
  return value.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}

function redirectOf(answer: Answer): string {
  if (answer.location === null) throw new Error(`Expected a redirect, got status ${answer.status}.`)
  return answer.location
}

interface Ends {
  source: { connector: string; credentialId: string | null; config: Record<string, string> }
  destination: { connector: string; credentialId: string | null; config: Record<string, string> }
}

async function runFlow(client: Client, say: (line: string) => void, name: string, ends: Ends): Promise<Run> {
  const source = await client.sources.create({ body: { ...ends.source, name: `${name}: source` } })
  const destination = await client.destinations.create({ body: { ...ends.destination, name: `${name}: destination` } })
  const flow = await client.flows.create({ body: { name, sourceId: source.id, destinationId: destination.id } })
  let run = await client.flows.run({ params: { id: flow.id } })
  let said = Date.now()
  while (run.status === 'queued' || run.status === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 100))
    run = await client.runs.get({ params: { id: run.id } })
    if (Date.now() - said > 1000) {
      said = Date.now()
      say(`${name}: ${run.recordsRead} of ${run.recordsExpected ?? '?'} read, ${run.recordsWritten} written ...`)
    }
  }
  if (run.status !== 'succeeded') throw new Error(`${name}: ${run.status}: ${run.error?.message ?? 'no reason given'}`)
  expectEqual(`${name}: records refused`, run.recordsRefused, 0)
  say(`${name}: ${run.recordsRead} read, ${run.recordsWritten} written.`)
  return run
}

function expectVerified(credential: Credential, organizationName: string): void {
  expectEqual(`status of "${credential.name}"`, credential.status, 'verified')
  expectEqual(`organization of "${credential.name}"`, credential.identity?.organizationName, organizationName)
}

function idOf(record: unknown): unknown {
  return typeof record === 'object' && record !== null && 'id' in record ? record.id : undefined
}

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected) throw new Error(`${what}: expected ${String(expected)}, found ${String(actual)}`)
}
