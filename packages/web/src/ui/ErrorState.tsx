import { Button, Code, Group, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle, IconRefresh } from '@tabler/icons-react'
import { problemOf } from './ProblemAlert.tsx'
import classes from './states.module.css'

interface ErrorStateProps {
  error: unknown
  /** What could not be done, e.g. "The credentials couldn't be loaded". */
  title?: string
  /** Its level: 1 where it stands for a whole screen. */
  titleOrder?: 1 | 2
  onRetry?: (() => void) | undefined
}

/** What went wrong where a whole page or list should be, and what to do. */
export function ErrorState({
  error,
  title = "This couldn't be loaded",
  titleOrder = 2,
  onRetry,
}: ErrorStateProps) {
  const problem = problemOf(error)
  return (
    <Stack role="alert" align="center" gap="md" className={classes['state']}>
      <IconAlertTriangle size={32} stroke={1.5} className={classes['badIcon']} aria-hidden />
      <Title order={titleOrder} size="h3">
        {title}
      </Title>
      <Text c="dimmed" maw={480} ta="center">
        {problem?.detail ?? 'Something failed on this page. Load it again.'}
      </Text>
      {onRetry !== undefined && (
        <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={onRetry}>
          Try again
        </Button>
      )}
      {problem !== null && (
        <Group gap="sm">
          <Code>{problem.code}</Code>
          {problem.requestId !== undefined && <Code>{problem.requestId}</Code>}
        </Group>
      )}
    </Stack>
  )
}
