import { type Identity, isOtherAccount } from '@latchwork/contract'

/** How the account that a credential would act for compares with the one that it acts for now. */
export type Comparison = 'same' | 'other_user' | 'other_account' | 'unknown'

export function compareAccounts(before: Identity | null, after: Identity): Comparison {
  if (before === null) return 'unknown'
  if (!isOtherAccount(before, after)) return 'same'
  return before.organizationId === after.organizationId ? 'other_user' : 'other_account'
}
