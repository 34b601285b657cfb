import { ApiError, type Problem } from '@latchwork/contract'
import { useState } from 'react'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { useRunFlow } from './queries.ts'

/** What the server asks before records are made again; null for any other error. */
export function questionOf(error: unknown): Problem | null {
  return error instanceof ApiError && error.code === 'repeat_creates' ? error.problem : null
}

/** Starts a run of a flow, and asks first where that would make records that its last run has made already. */
export function useRunAsking(flowId: string) {
  const run = useRunFlow()
  const [question, setQuestion] = useState<Problem | null>(null)
  const start = (onError?: (error: Error) => void) =>
    run.mutate(
      { id: flowId, again: false },
      {
        onError: (error) => {
          const asked = questionOf(error)
          if (asked === null) onError?.(error)
          else {
            run.reset()
            setQuestion(asked)
          }
        },
      },
    )
  const dialog = (
    <ConfirmDialog
      opened={question !== null}
      title="Create them again?"
      confirmLabel="Create them again"
      danger
      work={run}
      onCancel={() => setQuestion(null)}
      onConfirm={() => run.mutate({ id: flowId, again: true }, { onSuccess: () => setQuestion(null) })}
    >
      {question?.detail} The last run of this flow created them already. A run reads the whole source.
    </ConfirmDialog>
  )
  return { start, dialog, isPending: run.isPending, error: question === null ? run.error : null }
}
