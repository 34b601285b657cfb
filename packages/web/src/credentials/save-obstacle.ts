import type { CheckResult, Problem } from '@latchwork/contract'
import { descriptionLabel, nameLabel } from './form-rules.ts'
import type { CredentialForm } from './useCredentialForm.ts'

/** How far the proof is that the values work. */
export interface Proof {
  check: 'checking' | { result: CheckResult } | { problem: Problem } | null
  authorization: 'none' | 'starting' | 'waiting' | 'authorized' | 'outdated'
}

/** The first field, in the order of the form, that is blank or wrong: what to do about it. */
function firstFault(
  form: CredentialForm,
  parts: readonly ('name' | 'description' | 'values')[],
): string | null {
  const { faults, method, name, values } = form
  if (parts.includes('name') && faults['name'] !== undefined) {
    return name.trim() === '' ? 'Give the credential a name.' : `Fix the ${nameLabel}.`
  }
  if (parts.includes('description') && faults['description'] !== undefined) {
    return `Fix the ${descriptionLabel}.`
  }
  if (!parts.includes('values')) return null
  const faulty = method.fields.find((field) => faults[field.name] !== undefined)
  if (faulty === undefined) return null
  return (values[faulty.name] ?? '').trim() === '' ? `Fill in ${faulty.label}.` : `Fix the ${faulty.label}.`
}

/** Why Test can't work yet; null if it can. */
export function testObstacle(form: CredentialForm): string | null {
  return firstFault(form, ['values'])
}

/** Why Authorize can't work yet; null if it can. A name may still be missing. */
export function authorizeObstacle(form: CredentialForm): string | null {
  const name = form.name.trim() === '' ? [] : (['name'] as const)
  return firstFault(form, [...name, 'description', 'values'])
}

/** Why Save can't work yet, as a sentence that says what to do; null if it can. */
export function saveObstacle(form: CredentialForm, proof: Proof): string | null {
  const fault = firstFault(form, ['name', 'description', 'values'])
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
    return 'Change what was refused, then test it again.'
  }
  return null
}

/** Why a switch of the method can't work yet: unlike a new credential it is never made without proof. */
export function switchObstacle(form: CredentialForm, proof: Proof, otherAccount: boolean): string | null {
  const fault = firstFault(form, ['values'])
  if (fault !== null) return fault
  if (form.method.flow === 'oauth2') {
    if (proof.authorization === 'none') return 'Authorize first: then you see whose account it is.'
    const obstacle = saveObstacle(form, proof)
    if (obstacle !== null) return obstacle
  } else {
    const { check } = proof
    if (check === null) return 'Test it first: then you see whose account it is.'
    if (check === 'checking') return 'Asking whose account it is.'
    if (!('result' in check) || check.result.status !== 'verified') {
      return 'Nothing is switched before the test succeeds.'
    }
  }
  return otherAccount ? 'Confirm that it is another account.' : null
}
