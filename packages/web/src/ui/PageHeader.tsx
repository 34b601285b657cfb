import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { usePageTitle } from './page-title.ts'

interface PageHeaderProps {
  /** Also the document's title and the last part of the breadcrumb. */
  title: string
  description?: ReactNode
  /** Buttons on the right; under the title on a phone. */
  actions?: ReactNode
  /** Beside the title, e.g. a status. */
  aside?: ReactNode
}

/** The top of every screen. */
export function PageHeader({ title, description, actions, aside }: PageHeaderProps) {
  usePageTitle(title)
  return (
    <Group component="header" justify="space-between" align="flex-start" gap="md" mb="lg">
      <div style={{ minWidth: 0, flex: '1 1 280px' }}>
        <Group gap="sm" align="center">
          <Title order={1} size="h2" dir="auto">
            {title}
          </Title>
          {aside}
        </Group>
        {description !== undefined && (
          <Text c="dimmed" mt={4} component="div">
            {description}
          </Text>
        )}
      </div>
      {actions !== undefined && <Group gap="sm">{actions}</Group>}
    </Group>
  )
}
