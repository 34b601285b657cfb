import type { Credential, Run } from '@latchwork/contract'
import { authorizeDraft } from '../../tools/demo/authorize.ts'
import { beginRun, type End, sameNames } from '../../tools/demo/run-flow.ts'
import { account, storeCredential } from '../accounts.ts'
import type { Product } from '../product.ts'

/** The content of the screens: credentials of every status, and runs of every outcome. */
export interface Seed {
  readonly verified: Credential
  readonly authorized: Credential
  readonly failed: Credential
  /** A credential whose key was just rotated. */
  readonly rotated: Credential
  readonly succeeded: Run
  readonly failedRun: Run
  readonly refused: Run
}

const companies = [
  { id: '', name: 'Larkspur Looms', description: 'Weaves by hand', url: 'https://larkspur.example' },
  { id: '', name: 'Quartz Quays', description: 'Moors boats', url: 'https://quartz.example' },
  { id: 'lead_thatwasdeleted', name: 'Gone Gliders', description: 'Flies no more', url: '' },
]

/** Makes the data of a team after a week. */
export async function seed(product: Product): Promise<Seed> {
  const { client, sandbox } = product
  const { organization, user } = account(product)
  const verified = await storeCredential(product, 'Sales team')
  const draft = await authorizeDraft(client, product.browse, product, organization.id)
  const authorized = await client.credentials.save({
    params: { id: draft },
    body: { name: 'Operations', description: 'Reads for the weekly report. Good until the audit in March.' },
  })
  await storeCredential(product, `A name of 200 characters ${'that goes on and on '.repeat(9)}`.slice(0, 200))
  await storeCredential(product, 'فريق المبيعات', 1)
  sandbox.control.addFault({ target: 'api', kind: 'drop', times: 1000 })
  await storeCredential(product, 'Made while Close was away')
  sandbox.control.clearFaults()
  const oldKey = sandbox.control.createKey(user.id, organization.id)
  const rotating = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Marketing', values: { apiKey: oldKey.key } },
  })
  const rotated = await client.credentials.secrets({
    params: { id: rotating.id },
    body: {
      values: { apiKey: sandbox.control.createKey(user.id, organization.id).key },
      keyNote: 'Made by Orla',
    },
  })
  const lost = sandbox.control.createKey(user.id, organization.id)
  const failing = await client.credentials.create({
    body: { connector: 'close', method: 'api_key', name: 'Support desk', values: { apiKey: lost.key } },
  })
  sandbox.control.deleteKey(lost.id)

  const fields = 'id, name, status_label, url, date_created, contacts'
  const leads: End = { connector: 'close', credentialId: verified.id, config: { object: 'leads', fields } }
  const file = (name: string): End => ({
    connector: 'files',
    credentialId: null,
    config: { file: name, format: 'jsonl' },
  })
  const succeeded = await finished(
    product,
    await beginRun(client, 'Leads for the report', leads, file('leads.jsonl')),
  )
  await upload(product, 'companies.jsonl', companies.map((company) => JSON.stringify(company)).join('\n'))
  const create: End = {
    connector: 'close',
    credentialId: authorized.id,
    config: { object: 'leads', mode: 'upsert', mapping: sameNames('id', 'name', 'description', 'url') },
  }
  const refused = await finished(
    product,
    await beginRun(client, 'Companies from the fair', file('companies.jsonl'), create),
  )
  const broken: End = { ...leads, credentialId: failing.id }
  const failedRun = await finished(
    product,
    await beginRun(client, 'Tickets of the support desk', broken, file('tickets.jsonl')),
  )
  const failed = await client.credentials.check({ params: { id: failing.id } })
  return { verified, authorized, failed, rotated, succeeded, failedRun, refused }
}

async function upload({ client, url, browse }: Product, name: string, content: string): Promise<void> {
  const { status } = await browse(`${url}/api/files/${name}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'x-latchwork': '1' },
    body: content,
  })
  const { items } = await client.files.list()
  if (!items.some((file) => file.name === name)) throw new Error(`The upload ended with status ${status}.`)
}

async function finished({ client }: Product, begun: Run): Promise<Run> {
  const deadline = Date.now() + 60_000
  for (;;) {
    const run = await client.runs.get({ params: { id: begun.id } })
    if (run.finishedAt !== null) return run
    if (Date.now() > deadline) throw new Error(`The run of ${run.flowName} did not end within a minute.`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
