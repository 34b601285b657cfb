import { ApiError, type ConnectorDefinition, type Credential, type Problem } from '@latchwork/contract'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { serverFaults, valuesToSend } from './form-rules.ts'
import { discardDraft, showChanged } from './queries.ts'
import { suggestedNameQuery } from './suggested-name.ts'
import type { CredentialForm } from './useCredentialForm.ts'
import type { useCheck } from './useProof.ts'

interface SaveParts {
  connector: ConnectorDefinition
  form: CredentialForm
  draft: Credential | null
  check: ReturnType<typeof useCheck>
  onSaved(credential: Credential): void
  /** Single fields are at fault, which are marked. */
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
    const { description, tags } = form
    if (form.method.flow === 'oauth2') {
      if (draft === null) return null
      return api.credentials.save({
        params: { id: draft.id },
        body: { name: form.name, description, tags: [...tags] },
      })
    }
    const checked = await check.check()
    if (checked === null || checked.status === 'failed') return null
    const name = form.isNamed ? form.name : await client.fetchQuery(suggestedNameQuery(checked.identity))
    if (name === '') {
      form.leave()
      onFaults()
      return null
    }
    const body = {
      name,
      description,
      tags: [...tags],
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
      showChanged(client, saved)
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

function savedSentence({ name, status, identity }: Credential): string {
  if (status !== 'verified') return `“${name}” is saved. It will be verified as soon as that is possible.`
  return identity === null ? `“${name}” is saved.` : `“${name}” is saved, for ${identity.organizationName}.`
}

/** Replaces fields of a saved credential, after the server's check: only those that are sent. */
export function useReplaceFields(credential: Credential, onDone: () => void) {
  const client = useQueryClient()
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({})
  /** A refusal that belongs to no field. */
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isSaving, setSaving] = useState(false)

  const replace = async (
    values: Readonly<Record<string, string>>,
    { keyNote = '', otherAccount = false }: { keyNote?: string; otherAccount?: boolean } = {},
  ) => {
    setSaving(true)
    setProblem(null)
    try {
      const note = keyNote.trim()
      const body = {
        values: { ...values },
        confirmIdentityChange: otherAccount,
        ...(note === '' ? {} : { keyNote: note }),
      }
      const replaced = await api.credentials.secrets({ params: { id: credential.id }, body })
      showChanged(client, replaced)
      notifications.show({ message: `“${replaced.name}” uses the new one from now on.` })
      onDone()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const refused = serverFaults(error.problem.errors)
      setFaults(refused)
      if (Object.keys(refused).length === 0) setProblem(error.problem)
    } finally {
      setSaving(false)
    }
  }
  return {
    faults,
    setFaults,
    problem,
    isSaving,
    replace,
    /** A field has changed: its fault and the form's fault no longer hold. */
    forget: (field: string) => {
      setFaults(({ [field]: _, ...others }) => others)
      setProblem(null)
    },
  }
}
