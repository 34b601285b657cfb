import { Group, Paper, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'

interface SectionProps {
  title: string
  description: string
  actions?: ReactNode
  children: ReactNode
}

/** A card of the settings screen. */
export function Section({ title, description, actions, children }: SectionProps) {
  const id = useId()
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby={id}>
      <Group justify="space-between" align="flex-start" gap="md" mb="md">
        <div style={{ flex: '1 1 240px' }}>
          <Title order={2} size="h3" id={id}>
            {title}
          </Title>
          <Text c="dimmed">{description}</Text>
        </div>
        {actions}
      </Group>
      {children}
    </Paper>
  )
}
