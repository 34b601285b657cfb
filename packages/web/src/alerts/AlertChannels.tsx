import type { AlertList, alertChannels } from '@latchwork/contract'
import { Box, Text } from '@mantine/core'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import classes from './alerts.module.css'
import { alertsKey, alertsQuery } from './queries.ts'

type Channel = (typeof alertChannels)[number]
type Targets = AlertList['targets']

/** The channels that alerts are sent by, with a test for each. */
export function AlertChannels() {
  const { data } = useQuery(alertsQuery)
  if (data === undefined) return null
  return (
    <Section title="Alerts" description="How alerts reach people. Send a test to see whether they arrive.">
      <Rows label="Channels">
        {channels.map((each) => (
          <ChannelRow key={each.channel} {...each} target={each.targetOf(data.targets)} />
        ))}
      </Rows>
    </Section>
  )
}

interface ChannelRowProps {
  channel: Channel
  name: string
  /** Null: not set up. */
  target: string | null
  missing: string
  sent: string
}

function ChannelRow({ channel, name, target, missing, sent }: ChannelRowProps) {
  const client = useQueryClient()
  const test = useMutation({
    mutationFn: () => api.alerts.test({ body: { channel } }),
    onSuccess: () => client.invalidateQueries({ queryKey: alertsKey }),
  })
  return (
    <Row
      name={
        <>
          <Text fw={500} component="span">
            {name}
          </Text>{' '}
          <Text c="dimmed" component="span">
            {target ?? 'Not set up'}
          </Text>
        </>
      }
      {...(target === null ? { detail: missing } : {})}
    >
      {target !== null && (
        <RowButton label={`Send a test: ${name}`} busy={test.isPending} onClick={() => test.mutate()}>
          Send a test
        </RowButton>
      )}
      <div className={classes['result']} role="status">
        {test.isSuccess && (
          <>
            <IconCircleCheckFilled size={16} aria-hidden /> {sent}
          </>
        )}
      </div>
      {test.isError && (
        <Box flex="1 0 100%">
          <ProblemAlert error={test.error} />
        </Box>
      )}
    </Row>
  )
}

const channels = [
  {
    channel: 'page',
    name: 'This page',
    targetOf: () => 'Under the bell, to the owner of the credential or flow and to administrators',
    missing: '',
    sent: 'Sent. It stands under the bell.',
  },
  {
    channel: 'email',
    name: 'Email',
    targetOf: ({ email }: Targets) => (email === null ? null : `To ${email}`),
    missing: 'Set LATCHWORK_SMTP_URL, and LATCHWORK_ALERT_EMAIL for one address for all, then restart.',
    sent: 'The mail server accepted it. Look in the mailbox, then in its spam folder.',
  },
  {
    channel: 'webhook',
    name: 'Webhook',
    targetOf: ({ webhook }: Targets) => webhook,
    missing: 'Set LATCHWORK_ALERT_WEBHOOK_URL and LATCHWORK_ALERT_WEBHOOK_SECRET, then restart.',
    sent: 'The receiver confirmed it.',
  },
] as const satisfies readonly {
  channel: Channel
  name: string
  targetOf(targets: Targets): string | null
  missing: string
  sent: string
}[]
