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
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby={id}>
      <Group justify="space-between" gap="md" wrap="nowrap" mih={36}>
        <Title order={2} size="h3" id={id} miw={0}>
          {title}
        </Title>
        {actions}
      </Group>
      <Text c="dimmed" mb="md" maw={640}>
        {description}
      </Text>
      {children}
    </Paper>
  )
}
