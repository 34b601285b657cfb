import { Button, Group, Stack, TextInput } from '@mantine/core'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Notice } from '../ui/ProblemAlert.tsx'

interface LinkShownOnceProps {
  link: string
  email: string
  /** In words, for example `7 days`. */
  validFor: string
  onClose(): void
}

/** A link that works once and is not stored: to be copied now and sent to its person. */
export function LinkShownOnce({ link, email, validFor, onClose }: LinkShownOnceProps) {
  return (
    <Stack gap="md">
      <Notice
        tone="warning"
        message={`Send this link to ${email}. It works once, for ${validFor}, and is shown only now.`}
      />
      <TextInput
        label="Link"
        readOnly
        value={link}
        data-autofocus
        onFocus={(event) => event.currentTarget.select()}
        rightSection={<CopyButton value={link} what="the link" />}
        rightSectionWidth={36}
      />
      <Group justify="flex-end">
        <Button onClick={onClose}>Done</Button>
      </Group>
    </Stack>
  )
}
