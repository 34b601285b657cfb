import { ApiError, endpoints, type ListedFlow } from '@latchwork/contract'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Link } from '@tanstack/react-router'
import { may } from '../access/role.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { formatCount } from '../ui/number-words.ts'
import { CredentialButton } from './CredentialButton.tsx'
import { isActive } from './measures.ts'
import { useUpdateFlow } from './queries.ts'
import { useRunAsking } from './useRunAsking.tsx'
import { remedyFor } from './words.ts'

/** The one thing that helps a flow which needs somebody, as far as the person may do it. */
export function AttentionAction({ flow }: { flow: ListedFlow }) {
  const { attention, source, destination } = flow
  if (attention === null) return null
  const { kind, code, runId, inQuarantine, credential } = attention
  if (kind === 'paused') return may(flow, endpoints.flows.update) ? <Resume flow={flow} /> : null
  if (credential !== null && kind === 'failed') return <CredentialButton {...credential} />
  if (runId !== null && inQuarantine > 0)
    return <RunLink flow={flow} runId={runId} label={`Look at the ${formatCount(inQuarantine)}`} />
  const remedy = remedyFor(code ?? '')
  if (remedy === 'source' && source.id !== null)
    return <SideLink to="/sources" id={source.id} label="Open the source" name={flow.name} />
  if (remedy === 'destination' && destination.id !== null)
    return <SideLink to="/destinations" id={destination.id} label="Open the destination" name={flow.name} />
  if (kind !== 'partial' && attention.retryAt === null && may(flow, endpoints.flows.run))
    return <RunAgain flow={flow} />
  return runId === null ? null : <RunLink flow={flow} runId={runId} label="Look at the run" />
}

function RunLink({ flow, runId, label }: { flow: ListedFlow; runId: string; label: string }) {
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={`${label}: ${flow.name}`}
      renderRoot={(props) => <Link to="/runs/$runId" params={{ runId }} {...props} />}
    >
      {label}
    </Button>
  )
}

interface SideLinkProps {
  to: '/sources' | '/destinations'
  id: string
  label: string
  name: string
}

function SideLink({ to, id, label, name }: SideLinkProps) {
  return (
    <Button
      size="xs"
      variant="default"
      aria-label={`${label}: ${name}`}
      renderRoot={(props) => <Link to={to} search={{ id }} {...props} />}
    >
      {label}
    </Button>
  )
}

function Resume({ flow }: { flow: ListedFlow }) {
  const update = useUpdateFlow(flow.id)
  return (
    <BusyButton
      size="xs"
      variant="default"
      aria-label={`Resume ${flow.name}`}
      busy={update.isPending}
      onClick={() =>
        update.mutate({ paused: false }, { onError: (error) => tell(error, `${flow.name} wasn't resumed`) })
      }
    >
      Resume
    </BusyButton>
  )
}

function RunAgain({ flow }: { flow: ListedFlow }) {
  const run = useRunAsking(flow.id)
  const active = flow.lastRun !== null && isActive(flow.lastRun)
  const label = active ? 'Running' : flow.attention?.kind === 'late' ? 'Run now' : 'Run again'
  return (
    <>
      <BusyButton
        size="xs"
        variant="default"
        aria-label={`${label}: ${flow.name}`}
        busy={run.isPending}
        disabled={active}
        onClick={() => run.start((error) => tell(error, `${flow.name} wasn't started`))}
      >
        {label}
      </BusyButton>
      {run.dialog}
    </>
  )
}

/** Says what was not done with a flow, and why. */
export function tell(error: Error, title: string): void {
  notifications.show({
    color: 'red',
    title,
    message: error instanceof ApiError ? error.problem.detail : 'Try again.',
  })
}
