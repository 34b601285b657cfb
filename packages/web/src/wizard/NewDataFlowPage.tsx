import type { Flow, Problem } from '@latchwork/contract'
import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { useRunFlow } from '../flows/queries.ts'
import { ScheduleQuestion } from '../flows/Schedule.tsx'
import { BusyButton } from '../ui/BusyButton.tsx'
import { CreateError, saveFlow } from './create.ts'
import { WizardPage } from './WizardPage.tsx'

/** New Data Flow: a source, a destination, and when the one feeds the other. */
export function NewDataFlowPage() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const run = useRunFlow()
  const create = useMutation({ mutationFn: (work: () => Promise<Flow>) => work() })
  const [question, setQuestion] = useState<{ problem: Problem; andRun: boolean } | null>(null)
  const busy = create.isPending || run.isPending

  return (
    <WizardPage
      title="New data flow"
      parts={['source', 'destination', 'flow']}
      storageKey="latchwork.new-flow"
      closeTo="/flows"
      finish={({ wizard, names, connectors, finished }) => {
        const finish = async (andRun: boolean, again = false) => {
          try {
            const flow = await create.mutateAsync(() => saveFlow(wizard.draft, names, connectors, again))
            await finished()
            void client.invalidateQueries()
            await navigate({ to: '/flows/$flowId', params: { flowId: flow.id }, replace: true })
            // The flow exists now: if it can't be started, its own page offers it again.
            if (andRun) await run.mutateAsync({ id: flow.id, again }).catch(() => undefined)
          } catch (error) {
            if (!(error instanceof CreateError)) throw error
            if (error.problem.code === 'repeat_creates')
              return setQuestion({ problem: error.problem, andRun })
            wizard.refuse(error.part, error.problem)
          }
        }
        return (
          <>
            <ScheduleQuestion
              question={question?.problem ?? null}
              onCancel={() => setQuestion(null)}
              onConfirm={() => {
                setQuestion(null)
                void finish(question?.andRun ?? false, true)
              }}
            />
            <Button variant="default" disabled={busy} onClick={() => void finish(false)}>
              Create flow
            </Button>
            <BusyButton busy={busy} onClick={() => void finish(true)}>
              Create and run
            </BusyButton>
          </>
        )
      }}
    />
  )
}
