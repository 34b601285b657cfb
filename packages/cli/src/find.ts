import {
  type Client,
  type Credential,
  type Destination,
  type Flow,
  idSchema,
  type Member,
  type Pass,
  type Source,
} from '@latchwork/contract'
import { CommandError } from './exit-codes.ts'

const credentialId = idSchema('credential')
const flowId = idSchema('flow')
const passId = idSchema('pass')
/** The limit of a search whose names are compared here. A search that finds more was not a name. */
const candidates = 200

/** A credential by its id or its whole name. @throws {CommandError} `refused` for none or several */
export async function findCredential(client: Client, reference: string): Promise<Credential> {
  if (credentialId.safeParse(reference).success) return client.credentials.get({ params: { id: reference } })
  const { items } = await client.credentials.list({ query: { query: reference, limit: candidates } })
  return onlyOne('credential', reference, items)
}

/** A flow by its id or its whole name. @throws {CommandError} `refused` for none or several */
export async function findFlow(client: Client, reference: string): Promise<Flow> {
  if (flowId.safeParse(reference).success) return client.flows.get({ params: { id: reference } })
  const { items } = await client.flows.list({ query: { query: reference, limit: candidates } })
  return onlyOne('flow', reference, items)
}

/** A source or a destination by its id or its whole name. @throws {CommandError} `refused` for none or several */
export async function findSide(
  client: Client,
  kind: 'source' | 'destination',
  reference: string,
): Promise<Source | Destination> {
  const sides = client[`${kind}s`]
  if (idSchema(kind).safeParse(reference).success) return sides.get({ params: { id: reference } })
  const { items } = await sides.list({ query: { query: reference, limit: candidates } })
  return onlyOne<Source | Destination>(kind, reference, items)
}

/** A pass by its id or its whole name. @throws {CommandError} `refused` for none or several */
export async function findPass(client: Client, reference: string): Promise<Pass> {
  if (passId.safeParse(reference).success) return client.passes.get({ params: { id: reference } })
  const { items } = await client.passes.list({ query: { query: reference, limit: candidates } })
  return onlyOne('pass', reference, items)
}

/** A smart view of leads of a credential's account, by its id or its whole name. @throws {CommandError} as `findPass` */
export async function findSmartView(
  client: Client,
  credential: string,
  reference: string,
): Promise<{ readonly id: string; readonly name: string }> {
  const { items } = await client.passes.smartViews({ query: { credential } })
  return items.find(({ id }) => id === reference) ?? onlyOne('smart view', reference, items)
}

/** A member by id or email address. @throws {CommandError} `refused` */
export async function findMember(client: Client, reference: string): Promise<Member> {
  const { items } = await client.members.list()
  const asked = reference.trim().toLowerCase()
  const found = items.find(({ id, email }) => id === reference || email.toLowerCase() === asked)
  if (found === undefined)
    throw new CommandError('refused', `There is no member with this id or email: ${reference}`)
  return found
}

function onlyOne<T extends { id: string; name: string }>(
  kind: string,
  reference: string,
  items: readonly T[],
): T {
  const name = reference.trim().toLowerCase()
  const [found, ...others] = items.filter((item) => item.name.toLowerCase() === name)
  if (found === undefined) {
    throw new CommandError('refused', `There is no ${kind} of this name or id: ${reference}`)
  }
  if (others.length === 0) return found
  const ids = [found, ...others].map(({ id }) => `  ${id}`).join('\n')
  throw new CommandError('refused', `Several have the name ${reference}. Name one by its id:\n${ids}`)
}
