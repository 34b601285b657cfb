import {
  ApiError,
  type CheckResult,
  type ConnectorDefinition,
  type Credential,
  type FieldValues,
  type Identity,
  type Problem,
} from '@latchwork/contract'
import { useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api } from '../api/client.ts'
import { valuesToSend } from './form-rules.ts'
import { isAuthorized, outcomeReason } from './outcome.ts'
import { discardDraft, showChanged } from './queries.ts'
import type { Proof } from './save-obstacle.ts'
import { isAnswered, type Returned, useAuthorization } from './useAuthorization.ts'
import type { CredentialForm } from './useCredentialForm.ts'

interface Checked {
  /** The values that this is about. */
  values: FieldValues
  outcome: 'checking' | { result: CheckResult } | { problem: Problem }
}

/** Whose account was found; null while that isn't known. */
export function identityFound(outcome: Checked['outcome'] | null): Identity | null {
  return outcome !== null && outcome !== 'checking' && 'result' in outcome ? outcome.result.identity : null
}

const same = (a: FieldValues, b: FieldValues) => JSON.stringify(a) === JSON.stringify(b)

/** Checks values that aren't saved. An outcome counts only as long as the values stay as they were checked. */
export function useCheck(connector: string, method: string, values: FieldValues) {
  const [checked, setChecked] = useState<Checked | null>(null)
  const running = useRef<{ values: FieldValues; answer: Promise<CheckResult | null> } | null>(null)

  const ask = async (asked: FieldValues): Promise<CheckResult | null> => {
    setChecked({ values: asked, outcome: 'checking' })
    const show = (outcome: Checked['outcome']) =>
      setChecked((now) => (now !== null && same(now.values, asked) ? { values: asked, outcome } : now))
    try {
      const result = await api.credentials.verify({ body: { connector, method, values: asked } })
      show({ result })
      return result
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      show({ problem: error.problem })
      return null
    } finally {
      if (running.current?.values === asked) running.current = null
    }
  }

  /** The outcome for the values as they are: from a check under way, or a new one. Null if the check was refused. */
  const check = (): Promise<CheckResult | null> => {
    if (running.current !== null && same(running.current.values, values)) return running.current.answer
    const answer = ask(values)
    running.current = { values, answer }
    return answer
  }
  const outcome = checked !== null && same(checked.values, values) ? checked.outcome : null
  return { outcome, check }
}

interface ProofParts {
  connector: ConnectorDefinition
  form: CredentialForm
  draft: Credential | null
  onDraft(draft: Credential): void
  /** The draft that the page found in its address, and how its authorization ended. */
  returned: Returned | null
  /** What a draft is called while it is one. */
  texts: { name: string; description: string; tags?: string[] }
  returnTo(): string
  /** The draft is stored, and the other system's page is about to open. */
  onPrepared?(draft: Credential): void
  onRefused(problem: Problem): void
}

/** Proves that the values of a method's form work: by a check, or by an authorization through a draft. */
export function useProof(parts: ProofParts) {
  const { connector, form, draft, onDraft, returned, texts, returnTo, onPrepared, onRefused } = parts
  const { method, values } = form
  const client = useQueryClient()
  const toSend = valuesToSend(method, values)
  const check = useCheck(connector.id, method.id, toSend)
  /** The values that access was granted for: with others it has to be granted again. */
  const [grantedFor, setGrantedFor] = useState<FieldValues | null>(
    draft !== null && isAuthorized(draft) ? toSend : null,
  )
  const authorization = useAuthorization({
    initialReason: isAnswered(returned) ? outcomeReason(returned.result, draft) : null,
    resumed:
      returned !== null && !isAnswered(returned) && !isAuthorized(returned.credential)
        ? returned.credential
        : null,
    returnTo,
    onAuthorized: (credential) => {
      onDraft(credential)
      setGrantedFor(toSend)
    },
    ...(onPrepared === undefined ? {} : { onPrepared }),
    onRefused,
  })
  const outdated = grantedFor !== null && JSON.stringify(grantedFor) !== JSON.stringify(toSend)
  const authorized =
    draft !== null && draft.method === method.id && isAuthorized(draft) && !outdated ? draft : null

  const proof: Proof = {
    check: check.outcome,
    authorization:
      authorization.state.phase !== 'idle'
        ? authorization.state.phase
        : authorized !== null
          ? 'authorized'
          : outdated
            ? 'outdated'
            : 'none',
  }

  const saveDraft = async (): Promise<Credential> => {
    const saved =
      draft !== null && draft.method === method.id
        ? await api.credentials.update({ params: { id: draft.id }, body: { ...texts, values: toSend } })
        : await api.credentials.create({
            body: { ...texts, connector: connector.id, method: method.id, values: toSend, draft: true },
          })
    onDraft(saved)
    showChanged(client, saved)
    return saved
  }
  return {
    proof,
    check,
    authorization,
    authorized,
    authorize: () => void authorization.start(saveDraft, { confirmIdentityChange: authorized !== null }),
    /** Forgets what was typed and begun. */
    discard: () => {
      form.clear()
      authorization.cancel()
      if (draft !== null) discardDraft(draft)
    },
  }
}

export type ProofState = ReturnType<typeof useProof>
