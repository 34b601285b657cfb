import { invalidField, type PassSmartView, type User } from '@latchwork/contract'
import { type AccountParts, askAccount } from './account.ts'

export interface NamedView {
  readonly id: string
  readonly name: string
}

/** The smart views of leads that the account of a credential has. @throws {LatchworkError} as `askAccount` */
export function smartViewsOf(parts: AccountParts, credentialId: string, user: User): Promise<NamedView[]> {
  return askAccount(parts, credentialId, user, async ({ options }) => {
    const found = await options?.('leads', 'smart_view')
    return (found ?? []).map(({ value, label }) => ({ id: value, name: label }))
  })
}

/**
 * The view of a pass with the name that it has in Close.
 * @throws {LatchworkError} `invalid_input` for one that is not there; as `smartViewsOf`
 */
export async function namedView(
  parts: AccountParts,
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
