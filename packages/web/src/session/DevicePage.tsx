import { deviceLookUpSchema } from '@latchwork/contract'
import { Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import type { z } from 'zod'
import { api } from '../api/client.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { EntryForm } from '../ui/EntryForm.tsx'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { useFields } from '../ui/useFields.ts'

/** Where a person confirms that a program in a terminal may act for them. */
export function DevicePage() {
  const { code = '' } = useSearch({ from: '/device' })
  const lookUp = useMutation({
    mutationFn: (body: z.infer<typeof deviceLookUpSchema>) => api.devices.lookUp({ body }),
  })
  const decide = useMutation({
    mutationFn: (body: { userCode: string; allow: boolean }) => api.devices.decide({ body }),
  })
  const { field, onSubmit } = useFields({
    schema: deviceLookUpSchema,
    labels: { userCode: 'Code' },
    initial: { userCode: code },
    error: lookUp.error,
  })

  if (decide.isSuccess) {
    const allowed = decide.variables.allow
    return (
      <EntryFrame
        title={allowed ? 'The terminal is signed in' : 'The sign-in was refused'}
        description={
          allowed
            ? 'Go back to the terminal. You can close this window.'
            : 'The terminal got no access. You can close this window.'
        }
      >
        <Text size="sm" c="dimmed">
          API tokens, this one included, are listed and revoked in Settings.
        </Text>
      </EntryFrame>
    )
  }
  const asking = lookUp.data
  if (asking !== undefined) {
    return (
      <EntryFrame title="Sign in a terminal?" description="The terminal can then do everything that you can.">
        <Stack gap="md">
          {decide.isError && <ProblemAlert error={decide.error} />}
          <Text>
            <strong>{asking.deviceName}</strong> at {asking.address} asked <TimeAgo at={asking.createdAt} />.
            Does your own terminal show this code?
          </Text>
          <Text size="xl" ff="monospace" fw={600} ta="center" aria-label="Code">
            {asking.userCode}
          </Text>
          <Text size="sm" c="dimmed">
            If you did not just run <code>latchwork login</code> yourself, refuse: somebody else may have sent
            you this link.
          </Text>
          <Group grow>
            <BusyButton
              variant="default"
              busy={decide.isPending && !decide.variables.allow}
              disabled={decide.isPending}
              onClick={() => decide.mutate({ userCode: asking.userCode, allow: false })}
            >
              Refuse
            </BusyButton>
            <BusyButton
              busy={decide.isPending && decide.variables.allow}
              disabled={decide.isPending}
              onClick={() => decide.mutate({ userCode: asking.userCode, allow: true })}
            >
              Sign it in
            </BusyButton>
          </Group>
        </Stack>
      </EntryFrame>
    )
  }
  return (
    <EntryFrame title="Sign in a terminal" description="Enter the code that latchwork login shows.">
      <EntryForm label="Go on" work={lookUp} onSubmit={onSubmit(lookUp.mutate)}>
        <TextInput {...field('userCode')} autoComplete="off" autoFocus placeholder="BCDF-GHJK" />
      </EntryForm>
    </EntryFrame>
  )
}
