/*
 * What somebody writes who has nothing but a client that was generated from the API's description: from an API token to a
 * run. It is type-checked and run in the folder of that client.
 */
export const program = `
import process from 'node:process'
import { setTimeout } from 'node:timers/promises'
import { client } from './client.gen.ts'
import * as api from './sdk.gen.ts'
import type { Flow, Run } from './types.gen.ts'

const text = (name: string): string => process.env[name] ?? ''
client.setConfig({ baseUrl: text('URL'), auth: text('TOKEN'), throwOnError: true })
const throwOnError = true as const

const credential = await api.credentialsCreate({
  body: { connector: 'close', method: 'api_key', name: 'Generated', values: { apiKey: text('KEY') } },
  throwOnError,
})
if (credential.data.status !== 'verified') throw new Error(credential.data.reason?.message)
const source = await api.sourcesCreate({
  body: { connector: 'close', credentialId: credential.data.id, name: 'Leads', config: { object: 'leads' } },
  throwOnError,
})
const destination = await api.destinationsCreate({
  body: { connector: 'files', credentialId: null, name: 'File', config: { file: 'leads.jsonl', format: 'jsonl' } },
  throwOnError,
})
const flow: Flow = (
  await api.flowsCreate({
    body: { name: 'Nightly', sourceId: source.data.id, destinationId: destination.data.id },
    throwOnError,
  })
).data
let run: Run = (await api.flowsRun({ path: { id: flow.id }, throwOnError })).data
while (run.status === 'queued' || run.status === 'running') {
  await setTimeout(100)
  run = (await api.runsGet({ path: { id: run.id }, throwOnError })).data
}
const ofSource = await api.flowsList({ query: { sourceId: source.data.id, limit: 5 }, throwOnError })
const bytes = await api.filesDownload({ path: { id: 'leads.jsonl' }, throwOnError })
const sent = { id: 'sent.csv' }
const body = new Blob(['name\\n'])
const first = await api.filesUpload({ path: sent, body, throwOnError })
const second = await api.filesUpload({ path: sent, body, throwOnError })
const refused = await api.flowsGet({ path: { id: 'flow_' + '0'.repeat(22) }, throwOnError: false })
console.log(
  JSON.stringify({
    made: [credential, source, destination, first, second].map(({ response }) => response.status),
    run: { status: run.status, written: run.recordsWritten, role: run.yourRole },
    flows: ofSource.data.items.map(({ name }) => name),
    lines: (await bytes.data.text()).trim().split('\\n').length,
    refused: refused.error?.code,
  }),
)
`
