import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './states.module.css'

interface EmptyStateProps {
  icon: ReactNode
  title: string
  /** Its level: 1 where it stands for a whole screen. */
  titleOrder?: 1 | 2
  /** Says what to do next. */
  children: ReactNode
  action?: ReactNode
}

/** What stands where a list is empty. */
export function EmptyState({ icon, title, titleOrder = 2, children, action }: EmptyStateProps) {
  return (
    <Stack align="center" gap="sm" className={classes['state']}>
      <span className={classes['quietIcon']} aria-hidden>
        {icon}
      </span>
      <Title order={titleOrder} size="h3">
        {title}
      </Title>
      <Text c="dimmed" maw={440} ta="center" mb="sm">
        {children}
      </Text>
      {action}
    </Stack>
  )
}
