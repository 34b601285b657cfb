import { type Client, type Credential, createClient, type Run } from '@latchwork/contract'
import { authorizeDraft } from './authorize.ts'
import { createBrowserless } from './browserless.ts'
import { type EverythingResult, moveEverything } from './everything.ts'
import type { Demo } from './parts.ts'
import { beginRun, type End, expectEqual, followRun, sameNames } from './run-flow.ts'

export interface OnceResult {
  readonly ok: true
  readonly credentials: number
  readonly recordsRead: number
  readonly recordsWritten: number
  readonly everything: EverythingResult
  readonly seconds: number
}

/**
 * The whole main job without a browser: a credential by API key and one by OAuth, leads from Close into a JSONL file
 * with the first, and from that file into another organization of Close with the second; then everything of the first
 * organization into tables, twice. All is compared with the records of the sandbox.
 * @throws Error with the reason if anything is wrong
 */
export async function runOnce(demo: Demo, say: (line: string) => void): Promise<OnceResult> {
  const startedAt = Date.now()
  const browse = createBrowserless(demo.certificateFile)
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

  const draftId = await authorizeDraft(client, browse, demo, second.id)
  const byOAuth = await client.credentials.save({ params: { id: draftId }, body: { name: 'Demo by OAuth' } })
  expectVerified(byOAuth, second.name)
  say(
    `Credential by OAuth 2.0: authorized as ${byOAuth.identity?.userEmail}, ${byOAuth.identity?.organizationName}.`,
  )

  const truth = demo.sandbox.control.truth(first.id, 'lead')
  const before = demo.sandbox.control.truth(second.id, 'lead').length
  const file = 'leads.jsonl'
  const reading: End = { connector: 'close', credentialId: byKey.id, config: { object: 'leads' } }
  const files: End = { connector: 'files', credentialId: null, config: { file, format: 'jsonl' } }
  const out = await runFlow(client, say, 'Close leads to a file', reading, files)
  const lines = (await (await browse(`${demo.url}/api/files/${file}`)).text()).trim().split('\n')
  const ids = new Set(lines.map((line) => idOf(JSON.parse(line))))
  expectEqual('leads in the file', lines.length, truth.length)
  expectEqual('different leads in the file', ids.size, truth.length)

  const config = { object: 'leads', mode: 'create', mapping: sameNames('name', 'description', 'url') }
  const writing: End = { connector: 'close', credentialId: byOAuth.id, config }
  const back = await runFlow(client, say, 'File to Close leads', files, writing)
  const made = demo.sandbox.control.truth(second.id, 'lead').length - before
  expectEqual('leads created in the other organization', made, truth.length)

  const everything = await moveEverything(client, demo.sandbox, byKey.id, say)

  return {
    ok: true,
    credentials: 2,
    recordsRead: out.recordsRead + back.recordsRead,
    recordsWritten: out.recordsWritten + back.recordsWritten,
    everything,
    seconds: Math.round((Date.now() - startedAt) / 100) / 10,
  }
}

async function runFlow(
  client: Client,
  say: (line: string) => void,
  name: string,
  from: End,
  to: End,
): Promise<Run> {
  return followRun(client, say, name, await beginRun(client, name, from, to))
}

function expectVerified(credential: Credential, organizationName: string): void {
  expectEqual(`status of "${credential.name}"`, credential.status, 'verified')
  expectEqual(`organization of "${credential.name}"`, credential.identity?.organizationName, organizationName)
}

function idOf(record: unknown): unknown {
  return typeof record === 'object' && record !== null && 'id' in record ? record.id : undefined
}
