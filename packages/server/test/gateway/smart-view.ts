import { isPassObject, type PassCreate, type PassGrants } from '@latchwork/contract'
import type { MakePlace } from '../database/database.ts'
import { startWithClose } from '../with-close.ts'
import { type CallOptions, callGateway, newToken } from './calling.ts'

export const reading = {
  lead: ['read'],
  contact: ['read'],
  opportunity: ['read'],
  task: ['read'],
  note: ['read'],
} as const satisfies PassGrants

interface Row {
  readonly id: string
  readonly lead_id: string
}

/** A server with a credential of an account that has leads inside of a smart view, and others. */
export async function startWithView(makePlace?: MakePlace) {
  const setting = await startWithClose({ leads: 12, ...(makePlace === undefined ? {} : { makePlace }) })
  const { client } = setting.person
  const key = setting.sandbox.apiKeys[0]?.key ?? ''
  const body = { connector: 'close', method: 'api_key', name: 'Close', values: { apiKey: key } }
  const { id: credentialId } = await client.credentials.create({ body })
  /** Asks the account itself. */
  const close = async <T>(method: string, path: string, sent?: unknown): Promise<T> => {
    const answer = await fetch(`${setting.sandbox.apiUrl}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
        'content-type': 'application/json',
      },
      ...(sent === undefined ? {} : { body: JSON.stringify(sent) }),
    })
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    const text = await answer.text()
    return (text === '' ? null : JSON.parse(text)) as T // as the sandbox answers it
  }
  const make = async (name: string) => {
    const lead = await close<{ id: string }>('POST', '/lead/', {
      name,
      contacts: [{ name: `${name} person` }],
    })
    const [contact] = (await close<{ data: Row[] }>('GET', `/contact/?lead_id=${lead.id}`)).data
    const of = { lead_id: lead.id }
    const task = await close<Row>('POST', '/task/', { ...of, _type: 'lead', text: `${name} task` })
    const note = await close<Row>('POST', '/activity/note/', { ...of, note: `${name} note` })
    const opportunity = await close<Row>('POST', '/opportunity/', { ...of, note: `${name} deal` })
    return {
      ...{ lead: lead.id, contact: contact?.id ?? '' },
      ...{ task: task.id, note: note.id, opportunity: opportunity.id },
    }
  }
  const inside = await make('Bavaria Brewing')
  const outside = await make('Saxony Steel')
  const query = {
    type: 'field_condition',
    field: { type: 'regular_field', object_type: 'lead', field_name: 'name' },
    condition: { type: 'text', mode: 'full_words', value: 'Bavaria' },
  }
  const view = await close<{ id: string }>('POST', '/saved_search/', {
    name: 'Customers in Bavaria',
    type: 'lead',
    s_query: { query, results_limit: null, sort: [] },
  })
  const passFor = async (
    grants: PassGrants = reading,
    more: Partial<PassCreate['rules']> = {},
    input: Partial<PassCreate> = {},
  ) => {
    const objects: PassCreate['rules']['objects'] = {}
    for (const [name, verbs] of Object.entries(grants)) if (isPassObject(name)) objects[name] = [...verbs]
    const rules = { objects, smartView: { id: view.id }, ...more }
    const { id, token } = await newToken(client, credentialId, { ...input, rules })
    const call = (path: string, options: CallOptions = {}) =>
      callGateway(setting.server, token, `/api/v1${path}`, options)
    return { id, token, call }
  }
  return { ...setting, client, credentialId, close, make, inside, outside, query, view, passFor }
}

export type WithView = Awaited<ReturnType<typeof startWithView>>

export const json = (value: unknown, method = 'POST'): CallOptions => ({
  method,
  body: JSON.stringify(value),
})

export const codeOf = ({ status, text }: { status: number; text: string }) => [
  status,
  text === '' ? '' : (JSON.parse(text) as { code?: string }).code,
]

export const idsOf = ({ text }: { text: string }): string[] =>
  (JSON.parse(text) as { data: { id: string }[] }).data.map(({ id }) => id)
