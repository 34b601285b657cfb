import {
  type FieldFault,
  type FlowStream,
  isOtherAccount,
  type Lacking,
  LatchworkError,
  type User,
} from '@latchwork/contract'
import type { Credentials } from '../credentials/service/service.ts'
import { columnsLacking } from './chosen-columns.ts'
import { choicesLacking } from './parameters.ts'
import { accountName, fieldsLacking, ifAsked } from './sides/lacking.ts'
import type { PreviewParts } from './sides/looking.ts'
import type { FlowStore, FlowView } from './store/flows.ts'
import type { SideStore, SideView } from './store/sides.ts'

/* What is named of an account by id, and that the account which takes its place does not have. */

export interface LackingParts extends PreviewParts {
  readonly stores: {
    readonly flows: Pick<FlowStore, 'find' | 'list'>
    readonly sides: Pick<SideStore, 'find' | 'ofCredential'>
  }
}

/** So many flows of a source are looked at. */
const flowsAtMost = 200

/**
 * Asks whether a source may be given another credential: the account may lack what the source's flows choose.
 * @throws {LatchworkError} `account_lacks`
 */
export async function askOfSource(
  parts: LackingParts,
  before: SideView,
  credentialId: string | null | undefined,
  user: User,
): Promise<void> {
  if (credentialId === undefined || credentialId === before.credentialId) return
  if (!(await isOther(parts.credentials, before.credentialId, credentialId))) return
  const after = { ...before, credentialId }
  refuse('credentialId', await accountName(parts, after), await sourceLacks(parts, before, after, user))
}

/**
 * The same of all that uses a credential and would use another one.
 * @throws {LatchworkError} `account_lacks`
 */
export async function askOfMove(parts: LackingParts, from: string, to: string, user: User): Promise<void> {
  if (!(await isOther(parts.credentials, from, to))) return
  const faults: FieldFault[] = []
  for (const before of await parts.stores.sides.ofCredential(from)) {
    const after = { ...before, credentialId: to }
    if (before.kind === 'source') faults.push(...(await sourceLacks(parts, before, after, user)))
    else {
      const name = await nameFor(parts, user, before, 'destination')
      faults.push(...(await fieldsLacking(parts, before, after, user)).map((fault) => within(name, fault)))
    }
  }
  refuse('to', await accountName(parts, { credentialId: to }), faults)
}

/** What a flow names of the accounts of its sides, as far as the person may see and ask them. */
export async function lackingOf(parts: LackingParts, flowId: string, user: User): Promise<Lacking[]> {
  const flow = await parts.stores.flows.find(flowId)
  if (flow === null) throw new LatchworkError('flow_not_found')
  const [source, destination] = await Promise.all([
    parts.stores.sides.find(flow.sourceId),
    parts.stores.sides.find(flow.destinationId),
  ])
  const sides = [source, destination].filter((side) => side !== null)
  const seen = await parts.rules.seen(
    user,
    sides.map(({ id, kind }) => ({ id, kind })),
  )
  const asked = (side: SideView | null) => (side !== null && seen.has(side.id) ? side : null)
  const [read, written] = [asked(source), asked(destination)]
  const faults = {
    source: read === null ? [] : await flowLacks(parts, null, read, flow, user),
    destination: written === null ? [] : await fieldsLacking(parts, null, written, user),
  }
  return (['source', 'destination'] as const).flatMap((side) =>
    faults[side].map(({ message }) => ({ side, message })),
  )
}

async function sourceLacks(
  parts: LackingParts,
  before: SideView,
  after: SideView,
  user: User,
): Promise<FieldFault[]> {
  const asked = { query: '', limit: flowsAtMost, sourceId: before.id }
  const { items } = await parts.stores.flows.list(asked)
  const faults: FieldFault[] = []
  for (const flow of items) {
    const found = await flowLacks(parts, before, after, flow, user)
    if (found.length === 0) continue
    const name = await nameFor(parts, user, flow, 'flow')
    faults.push(...found.map((fault) => within(name, fault)))
  }
  return faults
}

async function flowLacks(
  parts: LackingParts,
  before: SideView | null,
  after: SideView,
  { streams }: Pick<FlowView, 'streams'>,
  user: User,
): Promise<FieldFault[]> {
  if (after.credentialId === null || streams === null || streams.everything) return []
  const chosen = streams.chosen
  const choices = (await ifAsked(() => choicesLacking(parts, before, after, chosen, user))) ?? []
  const gone = new Set(choices.map(({ field }) => streamAt(field, chosen)))
  const there = chosen.filter((choice) => !gone.has(choice))
  return [...choices, ...((await ifAsked(() => columnsLacking(parts, after, there, user))) ?? [])]
}

/** The stream of a field as `streams.chosen.2.parameters.user_id`. */
function streamAt(field: string, chosen: readonly FlowStream[]): FlowStream | undefined {
  return chosen[Number(field.split('.')[2])]
}

async function isOther(
  credentials: Pick<Credentials, 'find'>,
  before: string | null,
  after: string | null,
): Promise<boolean> {
  if (before === null || after === null || before === after) return false
  const old = await ifAsked(() => credentials.find(before))
  return old === null || isOtherAccount(old.identity, (await credentials.find(after)).identity)
}

async function nameFor(
  { rules }: LackingParts,
  user: User,
  { id, name }: { readonly id: string; readonly name: string },
  kind: 'flow' | 'destination',
): Promise<string> {
  const seen = await rules.seen(user, [{ kind, id }])
  return seen.has(id) ? `the ${kind} “${name}”` : `a ${kind} that you may not see`
}

function within(name: string, { message, ...fault }: FieldFault): FieldFault {
  return { ...fault, message: `In ${name}: ${message}` }
}

function refuse(field: string, account: string, faults: readonly FieldFault[]): void {
  if (faults.length === 0) return
  const message = `${account.charAt(0).toUpperCase()}${account.slice(1)} does not have all that is named. ${faults.map((fault) => fault.message).join(' ')}`
  throw new LatchworkError('account_lacks', {
    message,
    errors: faults.slice(0, 20).map((fault) => ({ ...fault, field })),
  })
}
