import { ApiError, type ConnectorDefinition, type Credential, type Problem } from '@latchwork/contract'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { valuesToSend } from './form-rules.ts'
import { keepChanged } from './queries.ts'
import type { useCheck } from './useCheck.ts'
import type { CredentialForm } from './useCredentialForm.ts'

interface SaveParts {
  connector: ConnectorDefinition
  form: CredentialForm
  draft: Credential | null
  check: ReturnType<typeof useCheck>
  onSaved(credential: Credential): void
  /** The server refused single fields. */
  onFaults(): void
}

/** Saves what is typed: an API key and its like after a check, a three-legged authorization from its draft. */
export function useSaveCredential({ connector, form, draft, check, onSaved, onFaults }: SaveParts) {
  const [isSaving, setSaving] = useState(false)
  /** A refusal that belongs to no field. */
  const [problem, setProblem] = useState<Problem | null>(null)
  const client = useQueryClient()

  const refuse = (refusal: Problem) => {
    const atFields = form.refuse(refusal) > 0
    setProblem(atFields ? null : refusal)
    if (atFields) onFaults()
  }

  const send = async (): Promise<Credential | null> => {
    const texts = { name: form.name, description: form.description }
    if (form.method.flow === 'oauth2') {
      if (draft === null) return null
      return api.credentials.save({ params: { id: draft.id }, body: texts })
    }
    const checked = await check.check()
    if (checked === null || checked.status === 'failed') return null
    const body = {
      ...texts,
      connector: connector.id,
      method: form.method.id,
      values: valuesToSend(form.method, form.values),
    }
    return api.credentials.create({ body })
  }

  const save = async () => {
    setSaving(true)
    setProblem(null)
    try {
      const saved = await send()
      if (saved === null) return
      keepChanged(client, saved)
      form.clear()
      if (draft !== null && draft.id !== saved.id) discardDraft(draft)
      notifications.show({ message: savedSentence(saved) })
      onSaved(saved)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refuse(error.problem)
    } finally {
      setSaving(false)
    }
  }
  return { save, isSaving, problem, refuse }
}

/** Drafts expire by themselves; this only shortens the life of one that nobody will come back to. */
export function discardDraft(draft: Credential): void {
  void api.credentials.delete({ params: { id: draft.id } }).catch(() => undefined)
}

function savedSentence({ name, status, identity }: Credential): string {
  if (status !== 'verified') return `“${name}” is saved. It will be verified as soon as that is possible.`
  return identity === null ? `“${name}” is saved.` : `“${name}” is saved, for ${identity.organizationName}.`
}
