import type { Identity } from '@latchwork/contract'

/** How the account that a credential would act for compares with the one that it acts for now. */
export type Comparison = 'same' | 'other_user' | 'other_account' | 'unknown'

export function compareAccounts(before: Identity | null, after: Identity): Comparison {
  if (before === null) return 'unknown'
  if (before.organizationId !== after.organizationId) return 'other_account'
  return before.userId === after.userId ? 'same' : 'other_user'
}
