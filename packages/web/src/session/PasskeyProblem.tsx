import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { passkeyFault } from './passkey.ts'

/** Why a passkey was not made or not accepted, by the browser or by the server. */
export function PasskeyProblem({ error }: { error: unknown }) {
  const fault = passkeyFault(error)
  return fault === null ? <ProblemAlert error={error} /> : <Notice tone="bad" message={fault} />
}
