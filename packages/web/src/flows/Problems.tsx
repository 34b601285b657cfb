import { type Credential, endpoints, type Flow, noticeWords, type Run } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { IconPlayerPlay } from '@tabler/icons-react'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeAgo, TimeUntil } from '../ui/TimeAgo.tsx'
import { flowQuery, useUpdateFlow } from './queries.ts'
import { type Remedy, remedyFor, remedyText } from './words.ts'

/** Why a run failed, in plain words; the code small beside it; and the way to what has to be put right. */
export function RunProblem({ run }: { run: Run }) {
  const remedy = remedyFor(run.error?.code ?? '')
  const flow = useQuery({ ...flowQuery(run.flowId), enabled: run.error !== null && run.status === 'failed' })
  if (run.status !== 'failed' || run.error === null) return null
  return (
    <Notice tone="bad" message={run.error.message} code={run.error.code}>
      <Text mt={4}>
        {run.retryAt === null ? (
          remedyText[remedy]
        ) : (
          <>
            Tried again by itself <TimeUntil at={run.retryAt} />, from where it stopped.
          </>
        )}
      </Text>
      {flow.data !== undefined && <Remedies remedy={remedy} flow={flow.data} />}
    </Notice>
  )
}

/** What was done to records on their way, that a person should know. */
export function RunNotices({ run }: { run: Run }) {
  return run.notices.map((notice) => (
    <Notice
      key={`${notice.code} ${notice.column}`}
      tone="neutral"
      message={noticeWords(notice)}
      code={notice.code}
    />
  ))
}

/** The way to what has to be put right, as the primary button of a page. */
export function RemedyButton({ run }: { run: Run }) {
  const remedy = remedyFor(run.error?.code ?? '')
  const { data: flow } = useQuery(flowQuery(run.flowId))
  const credentials = useQuery({
    ...flowCredentialsQuery(run.flowId, flow),
    enabled: flow !== undefined && remedy === 'credential',
  }).data
  const credential = credentials?.find(({ status }) => status === 'failed') ?? credentials?.[0]
  if (remedy === 'credential' && credential !== undefined) {
    const word = credential.method === 'oauth2' ? 'Sign in again' : 'Fix the credential'
    const search = { id: credential.id }
    return (
      <Button renderRoot={(props) => <Link to="/credentials" search={search} {...props} />}>{word}</Button>
    )
  }
  if (remedy === 'source' && flow !== undefined && flow.source.id !== null) {
    const search = { id: flow.source.id }
    return (
      <Button renderRoot={(props) => <Link to="/sources" search={search} {...props} />}>
        Open the data source
      </Button>
    )
  }
  if (remedy === 'destination' && flow !== undefined && flow.destination.id !== null) {
    const search = { id: flow.destination.id }
    return (
      <Button renderRoot={(props) => <Link to="/destinations" search={search} {...props} />}>
        Open the data destination
      </Button>
    )
  }
  return null
}

function Remedies({ remedy, flow }: { remedy: Remedy; flow: Flow }) {
  if (remedy === 'credential') return <CredentialLinks flow={flow} />
  if (remedy === 'source' && flow.source.id !== null) {
    return (
      <TextLink to="/sources" search={{ id: flow.source.id }}>
        Open the data source {flow.source.name}
      </TextLink>
    )
  }
  if (remedy === 'destination' && flow.destination.id !== null) {
    return (
      <TextLink to="/destinations" search={{ id: flow.destination.id }}>
        Open the data destination {flow.destination.name}
      </TextLink>
    )
  }
  return null
}

/** The credentials that a flow works through; those that failed first. */
const flowCredentialsQuery = (flowId: string, flow: Flow | undefined) =>
  queryOptions({
    queryKey: ['credentials', 'of-flow', flowId],
    queryFn: async (): Promise<Credential[]> => {
      if (flow === undefined) return []
      const sides = await Promise.all([
        flow.source.id === null ? null : api.sources.get({ params: { id: flow.source.id } }),
        flow.destination.id === null ? null : api.destinations.get({ params: { id: flow.destination.id } }),
      ])
      const ids = new Set(sides.flatMap((side) => side?.credentialId ?? []))
      return Promise.all([...ids].map((id) => api.credentials.get({ params: { id } })))
    },
  })

function CredentialLinks({ flow }: { flow: Flow }) {
  const { data } = useQuery(flowCredentialsQuery(flow.id, flow))
  const failed = data?.filter((credential) => credential.status === 'failed') ?? []
  const shown = failed.length > 0 ? failed : (data ?? [])
  return (
    <Group gap="md" mt={4}>
      {shown.map((credential) => (
        <TextLink key={credential.id} to="/credentials" search={{ id: credential.id }}>
          Open the credential <bdi>{credential.name}</bdi>
        </TextLink>
      ))}
    </Group>
  )
}

/** Why a flow does not run, since when, and the way to resume it. */
export function PausedNotice({ flow }: { flow: Flow }) {
  const resume = useUpdateFlow(flow.id)
  if (flow.paused === null) return null
  return (
    <Notice tone="warning" message={flow.paused.message} code={flow.paused.code}>
      <Text mt={4}>
        Paused <TimeAgo at={flow.paused.at} />
        {flow.schedule === null ? '.' : ': it does not run on its schedule until it is resumed.'}
      </Text>
      {may(flow, endpoints.flows.update) && (
        <Group mt="sm">
          <BusyButton
            variant="default"
            size="xs"
            leftSection={<IconPlayerPlay size={14} aria-hidden />}
            busy={resume.isPending}
            onClick={() => resume.mutate({ paused: false })}
          >
            Resume
          </BusyButton>
        </Group>
      )}
      {resume.error !== null && <ProblemAlert error={resume.error} />}
    </Notice>
  )
}
