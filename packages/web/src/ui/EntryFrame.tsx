import { Paper, Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import classes from './entry.module.css'
import { Mark } from './Mark.tsx'
import { OfflineBanner } from './OfflineBanner.tsx'
import { usePageTitle } from './page-title.ts'

interface EntryFrameProps {
  title: string
  description: string
  children: ReactNode
}

/** The screens before one is signed in: a card in the middle. */
export function EntryFrame({ title, description, children }: EntryFrameProps) {
  usePageTitle(title)
  return (
    <main className={classes['frame']}>
      <OfflineBanner />
      <Paper withBorder className={classes['card']}>
        <Stack gap="lg">
          <div className={classes['brand']}>
            <Mark size={32} />
            Latchwork
          </div>
          <div>
            <Title order={1} size="h2">
              {title}
            </Title>
            <Text c="dimmed" mt={4}>
              {description}
            </Text>
          </div>
          {children}
        </Stack>
      </Paper>
    </main>
  )
}
