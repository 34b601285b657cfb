import type { CheckResult, Problem } from '@latchwork/contract'
import { descriptionLabel, nameLabel } from './form-rules.ts'
import type { CredentialForm } from './useCredentialForm.ts'

/** How far the proof is that the values work. */
export interface Proof {
  check: 'checking' | { result: CheckResult } | { problem: Problem } | null
  authorization: 'none' | 'starting' | 'waiting' | 'authorized' | 'outdated'
}

/** Why Test can't work yet: the method's first field that is blank or wrong, and what to do about it. Null if it can. */
export function testObstacle({ faults, method, values }: CredentialForm): string | null {
  const faulty = method.fields.find((field) => faults[field.name] !== undefined)
  if (faulty === undefined) return null
  return (values[faulty.name] ?? '').trim() === '' ? `Fill in ${faulty.label}.` : `Fix the ${faulty.label}.`
}

/** What is wrong with the name, where it may not be missing, or with the description. */
function textObstacle({ faults, name }: CredentialForm, mayBeUnnamed: boolean): string | null {
  const isBlank = name.trim() === ''
  if (faults['name'] !== undefined && !(isBlank && mayBeUnnamed)) {
    return isBlank ? 'Give the credential a name.' : `Fix the ${nameLabel}.`
  }
  return faults['description'] === undefined ? null : `Fix the ${descriptionLabel}.`
}

/** Why Authorize can't work yet; null if it can. A name may still be missing. */
export function authorizeObstacle(form: CredentialForm): string | null {
  return testObstacle(form) ?? textObstacle(form, true)
}

/** Why Save can't work yet, as a sentence that says what to do; null if it can. */
export function saveObstacle(form: CredentialForm, proof: Proof): string | null {
  const mayBeUnnamed = !form.isNamed && form.method.flow === 'direct' && mayGiveName(proof.check)
  return testObstacle(form) ?? proofObstacle(form, proof) ?? textObstacle(form, mayBeUnnamed)
}

/** Saving checks the values first: an account that answers gives the credential its name. */
function mayGiveName(check: Proof['check']): boolean {
  return check === null || check === 'checking' || ('result' in check && check.result.identity !== null)
}

function proofObstacle(form: CredentialForm, { authorization, check }: Proof): string | null {
  if (form.method.flow === 'oauth2') {
    switch (authorization) {
      case 'none':
        return 'Authorize first, then save.'
      case 'starting':
      case 'waiting':
        return 'Waiting for access to be granted.'
      case 'outdated':
        return 'The fields were changed since access was granted. Authorize again.'
      case 'authorized':
        return null
    }
  }
  if (check !== null && check !== 'checking' && 'result' in check && check.result.status === 'failed') {
    return 'Change what was refused, then test it again.'
  }
  return null
}

/** Why a switch of the method can't work yet: unlike a new credential it is never made without proof. */
export function switchObstacle(form: CredentialForm, proof: Proof, otherAccount: boolean): string | null {
  const fault = testObstacle(form)
  if (fault !== null) return fault
  if (form.method.flow === 'oauth2') {
    if (proof.authorization === 'none') return 'Authorize first: then you see whose account it is.'
    const obstacle = proofObstacle(form, proof)
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
