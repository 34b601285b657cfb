import { type Pass, usualOverlapHours } from '@latchwork/contract'
import { NativeSelect, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { ShownOnce } from '../ui/ShownOnce.tsx'
import { useRotatePass } from './queries.ts'

const overlaps = [
  { value: '0', label: 'It ends at once' },
  { value: '1', label: 'An hour' },
  { value: '24', label: 'A day' },
  { value: '168', label: 'A week' },
]

interface RotatePassProps {
  pass: Pass
  opened: boolean
  onClose(): void
}

/** Gives a pass a new token, and shows it, this once. */
export function RotatePass({ pass, opened, onClose }: RotatePassProps) {
  // A click beside the dialog must not lose a token that is shown only once.
  return (
    <Dialog opened={opened} onClose={onClose} title="New token" closeOnClickOutside={false}>
      <RotateForm pass={pass} onClose={onClose} />
    </Dialog>
  )
}

function RotateForm({ pass, onClose }: Omit<RotatePassProps, 'opened'>) {
  const [hours, setHours] = useState(String(usualOverlapHours))
  const rotate = useRotatePass(pass.id)
  if (rotate.data !== undefined) {
    return (
      <ShownOnce
        label="Token"
        value={rotate.data.token}
        message="Copy the new token now. It is shown only this once."
        onClose={onClose}
      />
    )
  }
  return (
    <Stack gap="md">
      <Text>
        <bdi>{pass.name}</bdi> gets a new token. What it may do stays as it is.
      </Text>
      <NativeSelect
        label="How long the old token still works"
        description="Until then, put the new token where the old one is."
        data-autofocus
        data={overlaps}
        value={hours}
        onChange={(event) => setHours(event.currentTarget.value)}
      />
      {rotate.isError && <ProblemAlert error={rotate.error} />}
      <FormButtons
        label="Make the token"
        busy={rotate.isPending}
        onCancel={onClose}
        onClick={() => rotate.mutate(Number(hours))}
      />
    </Stack>
  )
}
