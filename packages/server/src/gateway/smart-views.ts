import type { Connector, CredentialAccess } from '@latchwork/connectors'
import { invalidField, LatchworkError, type PassSmartView, type User } from '@latchwork/contract'
import { type AccessRules, memberOf } from '../identity/rules.ts'

/** Somebody waits for it. */
const limitMs = 20_000

export interface SmartViewParts {
  readonly rules: AccessRules
  /** Of Close. */
  readonly connector: () => Connector | undefined
  /** Opens a credential of Close for a look at its account. @throws LatchworkError as `Credentials.use` */
  readonly open: (credentialId: string, signal: AbortSignal) => Promise<CredentialAccess>
}

export interface NamedView {
  readonly id: string
  readonly name: string
}

/**
 * The smart views of leads that the account of a credential has, for somebody who may use it.
 * @throws {LatchworkError} `forbidden`, as `Credentials.use`, and as asking Close does
 */
export async function smartViewsOf(
  { rules, connector, open }: SmartViewParts,
  credentialId: string,
  user: User,
): Promise<NamedView[]> {
  await rules.require(memberOf(user), 'collaborator', { kind: 'credential', id: credentialId })
  const signal = AbortSignal.timeout(limitMs)
  const credential = await open(credentialId, signal)
  // The choices of a flow that reads leads.
  const source = await connector()?.openSource?.({ object: 'streams' }, credential, { signal })
  if (source?.options === undefined) throw new LatchworkError('credential_wrong_connector')
  try {
    const options = await source.options('leads', 'smart_view')
    return options.map(({ value, label }) => ({ id: value, name: label }))
  } catch (error) {
    if (signal.aborted) throw new LatchworkError('unreachable', { cause: error })
    throw error
  } finally {
    await source.close()
  }
}

/**
 * The view of a pass with the name that it has in Close.
 * @throws {LatchworkError} `invalid_input` for one that is not there; as `smartViewsOf`
 */
export async function namedView(
  parts: SmartViewParts,
  credentialId: string,
  { id, newLeads }: PassSmartView,
  user: User,
): Promise<PassSmartView> {
  const found = (await smartViewsOf(parts, credentialId, user)).find((view) => view.id === id)
  if (found !== undefined)
    return { id, name: found.name.slice(0, 200), ...(newLeads === true ? { newLeads } : {}) }
  const message =
    'The account has no such smart view of leads, at least none with conditions. Choose it from the list.'
  throw invalidField('rules.smartView', 'choice', message)
}
