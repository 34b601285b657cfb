import { type Alert, ApiError, type alertChannels } from '@latchwork/contract'
import { ActionIcon, Button, Group, Indicator, Popover, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconBell } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../app/api.ts'
import { ProblemAlert } from '../app/ProblemAlert.tsx'
import { sessionQuery } from '../app/session-query.ts'
import { TimeAgo } from '../app/TimeAgo.tsx'
import classes from './health.module.css'
import { alertsKey, alertsQuery } from './queries.ts'

type Channel = (typeof alertChannels)[number]

/** What happened to credentials, newest first. Opening it counts as having read it. */
export function AlertBell() {
  const client = useQueryClient()
  const [opened, setOpened] = useState(false)
  const { data } = useQuery(alertsQuery)
  const { data: session } = useQuery(sessionQuery)
  const refresh = () => client.invalidateQueries({ queryKey: alertsKey })
  const read = useMutation({ mutationFn: () => api.alerts.read(), onSuccess: refresh })
  const unread = data?.unread ?? 0
  const isAdmin = session?.user?.role === 'admin'
  const open = (now: boolean) => {
    setOpened(now)
    if (now && unread > 0) read.mutate()
  }
  return (
    <Indicator
      label={unread > 99 ? '99+' : unread}
      size={16}
      offset={6}
      disabled={unread === 0}
      color="red.8"
    >
      <Popover opened={opened} onChange={open} width={360} position="bottom-end" trapFocus withinPortal>
        <Popover.Target>
          <ActionIcon
            size={36}
            aria-label={unread === 0 ? 'Alerts' : `Alerts, ${unread} unread`}
            onClick={() => open(!opened)}
          >
            <IconBell size={20} aria-hidden />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown aria-label="Alerts">
          <AlertItems alerts={data?.items ?? []} onFollow={() => setOpened(false)} />
          {isAdmin && data !== undefined && <SendTest targets={data.targets} onSent={refresh} />}
        </Popover.Dropdown>
      </Popover>
    </Indicator>
  )
}

function AlertItems({ alerts, onFollow }: { alerts: readonly Alert[]; onFollow(): void }) {
  if (alerts.length === 0) {
    return (
      <Text c="dimmed" size="sm">
        No alerts. When a credential fails, it stands here.
      </Text>
    )
  }
  return (
    <ul className={classes['alerts']}>
      {alerts.map((alert) => (
        <li key={alert.id} className={classes['alert']}>
          <Text size="sm" fw={500}>
            {alert.credentialId === null ? (
              alert.title
            ) : (
              <Link to="/credentials" search={{ id: alert.credentialId }} onClick={onFollow}>
                {alert.title}
              </Link>
            )}
          </Text>
          <Text size="sm">{alert.message}</Text>
          <Text size="xs" c="dimmed">
            <TimeAgo at={alert.createdAt} />
          </Text>
        </li>
      ))}
    </ul>
  )
}

interface SendTestProps {
  targets: { readonly email: string | null; readonly webhook: string | null }
  onSent(): void
}

/** Shows by which ways alerts go, and proves each. */
function SendTest({ targets, onSent }: SendTestProps) {
  const test = useMutation({
    mutationFn: (channel: Channel) => api.alerts.test({ body: { channel } }),
    onSuccess: (_, channel) => {
      notifications.show({ message: `A test was sent ${ways[channel]}.` })
      onSent()
    },
  })
  const channels: Channel[] = [
    'page',
    ...(targets.email === null ? [] : (['email'] as const)),
    ...(targets.webhook === null ? [] : (['webhook'] as const)),
  ]
  return (
    <>
      <Text size="xs" c="dimmed" mt="sm">
        Email: {targets.email ?? 'not set up'}. Webhook: {targets.webhook ?? 'not set up'}.
      </Text>
      <Group gap="xs" mt="xs">
        {channels.map((channel) => (
          <Button
            key={channel}
            size="compact-sm"
            variant="default"
            loading={test.isPending && test.variables === channel}
            onClick={() => test.mutate(channel)}
          >
            Send a test {ways[channel]}
          </Button>
        ))}
      </Group>
      {test.error instanceof ApiError && <ProblemAlert error={test.error} />}
    </>
  )
}

const ways: Record<Channel, string> = { page: 'here', email: 'by email', webhook: 'to the webhook' }
