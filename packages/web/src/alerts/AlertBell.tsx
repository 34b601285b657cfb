import type { Alert, AlertKind } from '@latchwork/contract'
import { ActionIcon, Indicator, Popover, Text } from '@mantine/core'
import {
  IconAlertTriangleFilled,
  IconBell,
  IconCircleCheckFilled,
  IconCircleXFilled,
  IconClockExclamation,
  IconInfoCircleFilled,
  IconPlayerPauseFilled,
  type TablerIcon,
} from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { Badge, type Tone } from '../ui/StatusBadge.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './alerts.module.css'
import { alertsKey, alertsQuery } from './queries.ts'

const looks: Record<AlertKind, { tone: Tone; word: string; Icon: TablerIcon }> = {
  failed: { tone: 'bad', word: 'Failed', Icon: IconCircleXFilled },
  audit_damaged: { tone: 'bad', word: 'Audit log damaged', Icon: IconCircleXFilled },
  app_rejected: { tone: 'bad', word: 'OAuth app refused', Icon: IconCircleXFilled },
  unreachable: { tone: 'warning', word: 'Not reached', Icon: IconAlertTriangleFilled },
  expiring: { tone: 'warning', word: 'Expiring', Icon: IconAlertTriangleFilled },
  flow_failed: { tone: 'bad', word: 'Flow failed', Icon: IconCircleXFilled },
  flow_partial: { tone: 'warning', word: 'Records refused', Icon: IconAlertTriangleFilled },
  flow_late: { tone: 'warning', word: 'Flow late', Icon: IconClockExclamation },
  flow_no_data: { tone: 'warning', word: 'No data', Icon: IconAlertTriangleFilled },
  flow_data_again: { tone: 'good', word: 'Data again', Icon: IconCircleCheckFilled },
  flow_unusual: { tone: 'warning', word: 'Unusual volume', Icon: IconAlertTriangleFilled },
  flow_schema_changed: { tone: 'neutral', word: 'Columns changed', Icon: IconInfoCircleFilled },
  flow_recovered: { tone: 'good', word: 'Works again', Icon: IconCircleCheckFilled },
  pass_expiring: { tone: 'warning', word: 'Pass expires', Icon: IconClockExclamation },
  pass_confirmation: { tone: 'warning', word: 'Confirm a write', Icon: IconAlertTriangleFilled },
  pass_denials: { tone: 'warning', word: 'Pass refused', Icon: IconAlertTriangleFilled },
  flow_paused: { tone: 'warning', word: 'Flow paused', Icon: IconPlayerPauseFilled },
  not_ended: { tone: 'warning', word: 'Still allowed', Icon: IconAlertTriangleFilled },
  narrowed: { tone: 'warning', word: 'Fewer rights', Icon: IconAlertTriangleFilled },
  recovered: { tone: 'good', word: 'Recovered', Icon: IconCircleCheckFilled },
  app_recovered: { tone: 'good', word: 'Recovered', Icon: IconCircleCheckFilled },
  sign_in: { tone: 'neutral', word: 'Sign-in', Icon: IconInfoCircleFilled },
  test: { tone: 'neutral', word: 'Test', Icon: IconInfoCircleFilled },
}

/** What happened to credentials, flows and passes, newest first. Opening it counts as having read it. */
export function AlertBell() {
  const client = useQueryClient()
  const [opened, setOpened] = useState(false)
  const { data } = useQuery(alertsQuery)
  const read = useMutation({
    mutationFn: () => api.alerts.read(),
    onSuccess: () => client.invalidateQueries({ queryKey: alertsKey }),
  })
  const unread = data?.unread ?? 0
  const open = (now: boolean) => {
    setOpened(now)
    if (now && unread > 0) read.mutate()
  }
  const close = () => setOpened(false)
  return (
    <Indicator
      label={unread > 99 ? '99+' : unread}
      size={16}
      offset={6}
      disabled={unread === 0}
      color="red.8"
    >
      <Popover
        opened={opened}
        onChange={open}
        width="min(384px, calc(100vw - 16px))"
        position="bottom-end"
        trapFocus
        withinPortal
        shadow="md"
      >
        <Popover.Target>
          <ActionIcon
            size={36}
            aria-label={unread === 0 ? 'Alerts' : `Alerts, ${unread} unread`}
            onClick={() => open(!opened)}
          >
            <IconBell size={20} aria-hidden />
          </ActionIcon>
        </Popover.Target>
        <Popover.Dropdown aria-label="Alerts" p={0}>
          <AlertItems alerts={data?.items ?? []} onFollow={close} />
          <p className={classes['foot']}>
            <Link to="/health" onClick={close}>
              Checks of all credentials
            </Link>
          </p>
        </Popover.Dropdown>
      </Popover>
    </Indicator>
  )
}

function AlertItems({ alerts, onFollow }: { alerts: readonly Alert[]; onFollow(): void }) {
  if (alerts.length === 0) {
    return (
      <Text c="dimmed" p="md">
        No alerts yet. Alerts about credentials, flows and passes appear here.
      </Text>
    )
  }
  return (
    <ul className={classes['alerts']}>
      {alerts.map((alert) => {
        const { tone, word, Icon } = looks[alert.kind]
        return (
          <li key={alert.id} className={classes['alert']}>
            <div className={classes['kind']}>
              <Badge tone={tone} Icon={Icon}>
                {word}
              </Badge>
              <span className={classes['second']}>
                <TimeAgo at={alert.createdAt} />
              </span>
            </div>
            <Text fw={500} mt={4}>
              <AlertTitle alert={alert} onFollow={onFollow} />
            </Text>
            <Text>{alert.message}</Text>
          </li>
        )
      })}
    </ul>
  )
}

/** The title, leading to what the alert is about. */
function AlertTitle({ alert, onFollow }: { alert: Alert; onFollow(): void }) {
  if (alert.flowId !== null) {
    return (
      <Link to="/flows/$flowId" params={{ flowId: alert.flowId }} onClick={onFollow}>
        {alert.title}
      </Link>
    )
  }
  if (alert.passId !== null) {
    return (
      <Link to="/passes/$passId" params={{ passId: alert.passId }} onClick={onFollow}>
        {alert.title}
      </Link>
    )
  }
  if (alert.kind === 'sign_in') {
    return (
      <Link to="/settings" onClick={onFollow}>
        {alert.title}
      </Link>
    )
  }
  if (alert.credentialId === null) return alert.title
  return (
    <Link to="/credentials" search={{ id: alert.credentialId }} onClick={onFollow}>
      {alert.title}
    </Link>
  )
}
