import type { ConnectorDefinition } from '@latchwork/contract'
import { Stack, Text, UnstyledButton } from '@mantine/core'
import { IconChevronRight } from '@tabler/icons-react'
import { DefinedIcon } from '../ui/ConnectorIcon.tsx'
import { Dialog } from '../ui/dialogs.tsx'
import classes from './list.module.css'

interface ChooseConnectorProps {
  opened: boolean
  connectors: readonly ConnectorDefinition[]
  onChoose(id: string): void
  onClose(): void
}

/** What the new credential is for. */
export function ChooseConnector({ opened, connectors, onChoose, onClose }: ChooseConnectorProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title="What is the credential for?" size={480}>
      <Stack gap="sm">
        {connectors.map(({ id, label, description, icon }, index) => (
          <UnstyledButton
            key={id}
            className={classes['connector']}
            {...(index === 0 ? { 'data-autofocus': true } : {})}
            onClick={() => onChoose(id)}
          >
            <DefinedIcon icon={icon} size={24} />
            <span>
              <Text component="span" fw={600} display="block">
                {label}
              </Text>
              <Text component="span" size="xs" c="dimmed" display="block">
                {description}
              </Text>
            </span>
            <IconChevronRight size={16} aria-hidden />
          </UnstyledButton>
        ))}
      </Stack>
    </Dialog>
  )
}
