import type { ConnectorDefinition, Credential, Problem } from '@latchwork/contract'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import type { FieldValues } from '../ui/field-rules.ts'
import { valuesToSend } from './form-rules.ts'
import { isAuthorized, outcomeReason } from './outcome.ts'
import { keepChanged } from './queries.ts'
import type { Proof } from './save-obstacle.ts'
import { useAuthorization } from './useAuthorization.ts'
import { useCheck } from './useCheck.ts'
import type { CredentialForm } from './useCredentialForm.ts'
import { discardDraft } from './useSaveCredential.ts'

interface ProofParts {
  connector: ConnectorDefinition
  form: CredentialForm
  draft: Credential | null
  onDraft(draft: Credential): void
  /** How an authorization of the draft ended for which the person left this window; null: nobody did. */
  returnedResult: string | null
  /** What a draft is called while it is one. */
  texts: { name: string; description: string }
  returnTo(): string
  onRefused(problem: Problem): void
}

/** Proves that the values of a method's form work: by a check, or by an authorization through a draft. */
export function useProof(parts: ProofParts) {
  const { connector, form, draft, onDraft, returnedResult, texts, returnTo, onRefused } = parts
  const { method, values } = form
  const client = useQueryClient()
  const toSend = valuesToSend(method, values)
  const check = useCheck(connector.id, method.id, toSend)
  /** The values that access was granted for: with others it has to be granted again. */
  const [grantedFor, setGrantedFor] = useState<FieldValues | null>(
    draft !== null && isAuthorized(draft) ? toSend : null,
  )
  const authorization = useAuthorization({
    initialReason: returnedResult === null ? null : outcomeReason(returnedResult, draft),
    returnTo,
    onAuthorized: (credential) => {
      onDraft(credential)
      setGrantedFor(toSend)
    },
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

  const keepDraft = async (): Promise<Credential> => {
    const kept =
      draft !== null && draft.method === method.id
        ? await api.credentials.update({ params: { id: draft.id }, body: { ...texts, values: toSend } })
        : await api.credentials.create({
            body: { ...texts, connector: connector.id, method: method.id, values: toSend, draft: true },
          })
    onDraft(kept)
    keepChanged(client, kept)
    return kept
  }
  return {
    proof,
    check,
    authorization,
    authorized,
    authorize: () => void authorization.start(keepDraft, { confirmIdentityChange: authorized !== null }),
    /** Leaves nothing behind of what was typed and begun. */
    discard: () => {
      form.clear()
      authorization.cancel()
      if (draft !== null) discardDraft(draft)
    },
  }
}

export type ProofState = ReturnType<typeof useProof>
