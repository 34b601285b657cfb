import type { CheckResult, Problem } from '@latchwork/contract'
import type { CredentialForm } from './useCredentialForm.ts'

/** How far the proof is that the values work. */
export interface Proof {
  check: 'checking' | { result: CheckResult } | { problem: Problem } | null
  authorization: 'none' | 'starting' | 'waiting' | 'authorized' | 'outdated'
}

function firstFault({ faults, method }: CredentialForm, withName: boolean): string | null {
  const order = [...(withName ? ['name'] : []), 'description', ...method.fields.map((field) => field.name)]
  const faulty = order.find((field) => faults[field] !== undefined)
  return faulty === undefined ? null : (faults[faulty] ?? null)
}

/** Why Test can't work yet; null if it can. */
export function testObstacle(form: CredentialForm): string | null {
  const { faults, method } = form
  const faulty = method.fields.find((field) => faults[field.name] !== undefined)
  return faulty === undefined ? null : (faults[faulty.name] ?? null)
}

/** Why Authorize can't work yet; null if it can. A name may still be missing. */
export function authorizeObstacle(form: CredentialForm): string | null {
  const nameFault = form.name.trim() === '' ? null : (form.faults['name'] ?? null)
  return nameFault ?? firstFault(form, false)
}

/** Why Save can't work yet, as a sentence that says what to do; null if it can. */
export function saveObstacle(form: CredentialForm, proof: Proof): string | null {
  const fault = firstFault(form, true)
  if (fault !== null) return fault
  if (form.method.flow === 'oauth2') {
    switch (proof.authorization) {
      case 'none':
        return 'Authorize first: then there is something to save.'
      case 'starting':
      case 'waiting':
        return 'Waiting for access to be granted.'
      case 'outdated':
        return 'The fields were changed since access was granted. Authorize again.'
      case 'authorized':
        return null
    }
  }
  const { check } = proof
  if (check !== null && check !== 'checking' && 'result' in check && check.result.status === 'failed') {
    return `${form.method.label} was refused. Change it, then test it again.`
  }
  return null
}
