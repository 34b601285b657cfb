import type { Credential } from '@latchwork/contract'
import type { Product } from './product.ts'

type Sandbox = Product['sandbox']
interface Account {
  readonly organization: Sandbox['organizations'][number]
  readonly apiKey: Sandbox['apiKeys'][number]
  readonly user: Sandbox['users'][number]
}

/** An organization of the sandbox, and the key and name of one of its users. */
export function account(product: Product, organizationNumber = 0): Account {
  const { organizations, apiKeys, users } = product.sandbox
  const organization = present(organizations[organizationNumber])
  const apiKey = present(apiKeys.find(({ organizationId }) => organizationId === organization.id))
  return { organization, apiKey, user: present(users.find(({ id }) => id === apiKey.userId)) }
}

/** The sandbox's OAuth app, at which the server's redirect URI is registered. */
export function oauthApp(product: Product): Sandbox['oauthApps'][number] {
  return present(product.sandbox.oauthApps[0])
}

/** Stores a credential through the API. */
export function storeCredential(product: Product, name: string, organizationNumber = 0): Promise<Credential> {
  const values = { apiKey: account(product, organizationNumber).apiKey.key }
  return product.client.credentials.create({ body: { connector: 'close', method: 'api_key', name, values } })
}

/** A credential for a database of the tests' PostgreSQL. */
export function storePostgresCredential(
  product: Product,
  name: string,
  { name: database, url }: { readonly name: string; readonly url: URL },
): Promise<Credential> {
  const { hostname: host, port, username, password } = url
  const values = {
    ...{ host, port: port === '' ? '5432' : port, database, tls: 'disable' },
    user: decodeURIComponent(username),
    password: decodeURIComponent(password) || 'none is asked for',
  }
  return product.client.credentials.create({
    body: { connector: 'postgres', method: 'password', name, values },
  })
}

/** Makes a smart view in the account that shows no lead. */
export async function storeSmartView(product: Product, name: string): Promise<void> {
  const key = account(product).apiKey.key
  const query = {
    type: 'field_condition',
    field: { type: 'regular_field', object_type: 'lead', field_name: 'name' },
    condition: { type: 'text', mode: 'full_words', value: 'nobodyiscalledso' },
  }
  const answer = await fetch(`${product.sandbox.apiUrl}/api/v1/saved_search/`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ name, type: 'lead', s_query: { query, results_limit: null, sort: [] } }),
  })
  if (!answer.ok) throw new Error(`The account takes no smart view: ${answer.status}`)
}

/** A name that no test has used before, and that is not the beginning of another. */
export function newName(what: string): string {
  uses += 1
  return `${what} ${uses}`
}
let uses = 1000

export function present<T>(value: T | undefined | null): T {
  if (value === undefined || value === null) throw new Error('Expected something to be there.')
  return value
}
