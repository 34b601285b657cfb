import type { Break, Unbreakable } from './break.ts'
import { auditBreaks } from './breaks/audit.ts'
import { gatewayBreaks } from './breaks/gateway.ts'
import { limitsBreaks } from './breaks/limits.ts'
import { oauthBreaks } from './breaks/oauth.ts'
import { outsideBreaks } from './breaks/outside.ts'
import { refreshingBreaks } from './breaks/refreshing.ts'
import { rightsBreaks } from './breaks/rights.ts'
import { vaultBreaks } from './breaks/vault.ts'

/** Every requirement is here, or below with the reason. */
export const breaks: readonly Break[] = [
  ...oauthBreaks,
  ...refreshingBreaks,
  ...outsideBreaks,
  ...vaultBreaks,
  ...rightsBreaks,
  ...auditBreaks,
  ...limitsBreaks,
  ...gatewayBreaks,
].sort((one, other) => one.requirement - other.requirement)

export const unbreakable: readonly Unbreakable[] = [
  { requirement: 31, why: 'no metadata is discovered, so no code compares its issuer' },
]
