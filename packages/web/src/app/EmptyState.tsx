import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './states.module.css'

interface EmptyStateProps {
  icon: ReactNode
  title: string
  /** Says what to do next. */
  children: ReactNode
  action?: ReactNode
}

/** What stands where a list is empty. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="sm" className={classes['state']}>
      <span className={classes['quietIcon']} aria-hidden>
        {icon}
      </span>
      <Title order={2} size="h3">
        {title}
      </Title>
      <Text c="dimmed" maw={440} ta="center" mb="sm">
        {children}
      </Text>
      {action}
    </Stack>
  )
}
