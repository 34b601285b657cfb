import { endpoints, type Flow } from '@latchwork/contract'
import { Group, Stack, Text, Title } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { itemsOf, ShowMore } from '../ui/PagedList.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { ChangeSides } from './ChangeSides.tsx'
import { HeldColumns, NewNames } from './ColumnChanges.tsx'
import { DeleteFlow, EditFlow } from './FlowDialogs.tsx'
import { FlowMenu } from './FlowMenu.tsx'
import { FlowScheduleLine } from './FlowScheduleLine.tsx'
import { FlowSides } from './FlowSides.tsx'
import { FlowStreamsLine } from './FlowStreamsLine.tsx'
import { FlowWatchLine } from './FlowWatchLine.tsx'
import { HeldDeletions } from './HeldDeletions.tsx'
import { LackingNotice } from './LackingNotice.tsx'
import { isActive } from './measures.ts'
import { Overlaps } from './Overlaps.tsx'
import { PartRuns } from './PartRuns.tsx'
import { PausedNotice, RunProblem } from './Problems.tsx'
import { flowQuery, runListQuery, runQuery } from './queries.ts'
import { RunHistory } from './RunHistory.tsx'
import { RunList } from './RunList.tsx'
import { RunProgress } from './RunProgress.tsx'
import { useRunAsking } from './useRunAsking.tsx'

/** One flow: what it moves, the run in progress or the last one, and the runs before. */
export function FlowPage() {
  const { flowId } = useParams({ from: '/shell/flows/$flowId' })
  const query = useQuery(flowQuery(flowId))
  const flow = query.data
  const list = useInfiniteQuery(runListQuery({ flowId }))
  const runs = itemsOf(list)
  if (flow === undefined) {
    return (
      <>
        <PageHeader title="Flow" />
        <Pending query={query} what="the flow" rows={3} rowHeight={120} />
      </>
    )
  }
  const latest = runs?.[0]
  return (
    <>
      <PageHeader
        title={flow.name}
        {...(flow.description === '' ? {} : { description: <span dir="auto">{flow.description}</span> })}
        actions={<FlowActions key={flow.id} flow={flow} running={latest !== undefined && isActive(latest)} />}
      />
      <Stack gap="lg">
        <RoleNote kind="flow" held={flow} />
        <PausedNotice flow={flow} />
        <Overlaps flow={flow} />
        <LackingNotice flow={flow} />
        <FlowSides flow={flow} />
        <FlowStreamsLine key={flow.id} flow={flow} />
        <NewNames flowId={flow.id} held={flow} />
        <HeldColumns flowId={flow.id} held={flow} endedAt={latest?.finishedAt ?? null} />
        <FlowWatchLine key={`${flow.id} watch`} flow={flow} />
        <FlowScheduleLine flow={flow} />
        {latest !== undefined && <LatestRun id={latest.id} />}
        {latest !== undefined && runs !== undefined && runs.length > 1 && (
          <RunHistory flowId={flow.id} live={isActive(latest)} />
        )}
        <section aria-labelledby="flow-runs">
          <Title id="flow-runs" order={2} size="h4" mb={12}>
            Runs
          </Title>
          {list.error !== null && <ProblemAlert error={list.error} />}
          {runs === undefined && list.error === null && <ListSkeleton label="Loading runs" rows={3} />}
          {runs?.length === 0 && (
            <Text c="dimmed">
              {may(flow, endpoints.flows.run)
                ? 'It hasn’t run yet. Choose “Run now” to move the first records.'
                : 'It hasn’t run yet.'}
            </Text>
          )}
          {runs !== undefined && runs.length > 0 && <RunList label="Runs" runs={runs} withFlow={false} />}
          <ShowMore list={list} />
        </section>
        <AccessPanel kind="flow" id={flow.id} titleOrder={2} />
      </Stack>
    </>
  )
}

function LatestRun({ id }: { id: string }) {
  const { data: run } = useQuery(runQuery(id))
  if (run === undefined) return null
  return (
    <section aria-labelledby="latest-run">
      <Group justify="space-between" mb={12}>
        <Title id="latest-run" order={2} size="h4">
          {isActive(run) ? 'Running now' : 'Last run'}
        </Title>
        <TextLink to="/runs/$runId" params={{ runId: run.id }}>
          Open the run
        </TextLink>
      </Group>
      <Stack gap="md">
        <RunProblem run={run} />
        <RunProgress run={run} />
        <HeldDeletions run={run} />
      </Stack>
    </section>
  )
}

function FlowActions({ flow, running }: { flow: Flow; running: boolean }) {
  const run = useRunAsking(flow.id)
  const [dialog, setDialog] = useState<'edit' | 'sides' | 'delete' | null>(null)
  return (
    <Stack gap="sm">
      <Group gap="sm">
        <FlowMenu
          flow={flow}
          onEdit={() => setDialog('edit')}
          onChangeSides={() => setDialog('sides')}
          onDelete={() => setDialog('delete')}
        />
        {may(flow, endpoints.flows.run) && <PartRuns flow={flow} running={running} />}
        {may(flow, endpoints.flows.run) && (
          <BusyButton
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            disabled={running}
            busy={run.isPending}
            onClick={() => run.start()}
          >
            {running ? 'Running' : 'Run now'}
          </BusyButton>
        )}
      </Group>
      {run.error !== null && <ProblemAlert error={run.error} />}
      {run.dialog}
      <EditFlow flow={flow} opened={dialog === 'edit'} onClose={() => setDialog(null)} />
      <ChangeSides flow={flow} opened={dialog === 'sides'} onClose={() => setDialog(null)} />
      <DeleteFlow flow={flow} opened={dialog === 'delete'} onClose={() => setDialog(null)} />
    </Stack>
  )
}
