import { ApiError, type Credential, type Problem } from '@latchwork/contract'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { serverFaults } from './form-rules.ts'
import { keepChanged } from './queries.ts'

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
      keepChanged(client, replaced)
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
    /** What was typed into a field has changed: what was said of it, and of the whole, counts no more. */
    forget: (field: string) => {
      setFaults(({ [field]: _, ...others }) => others)
      setProblem(null)
    },
  }
}
