import { userCodeSchema } from '@latchwork/contract'
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useSearch } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { faultSentence } from '../ui/field-rules.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'

const label = 'Code'

/** Where a person confirms that a program in a terminal may act for them. */
export function DevicePage() {
  const { code } = useSearch({ from: '/device' })
  const [typed, setTyped] = useState(code ?? '')
  const [fault, setFault] = useState<string>()
  const lookUp = useMutation({
    mutationFn: (userCode: string) => api.devices.lookUp({ body: { userCode } }),
  })
  const decide = useMutation({
    mutationFn: (body: { userCode: string; allow: boolean }) => api.devices.decide({ body }),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const parsed = userCodeSchema.safeParse(typed)
    setFault(
      parsed.success ? undefined : faultSentence(label, parsed.error.issues[0]?.message ?? 'is required'),
    )
    if (parsed.success) lookUp.mutate(parsed.data)
  }

  if (decide.isSuccess) {
    const allowed = decide.variables.allow
    return (
      <EntryFrame
        title={allowed ? 'The terminal is signed in' : 'The sign-in was refused'}
        description={
          allowed
            ? 'Go back to the terminal. You can close this window.'
            : 'The terminal was given nothing. You can close this window.'
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
      <EntryFrame title="Sign in a terminal?" description="Whoever holds it could then do all that you can.">
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
            <Button
              variant="default"
              loading={decide.isPending && !decide.variables.allow}
              disabled={decide.isPending}
              onClick={() => decide.mutate({ userCode: asking.userCode, allow: false })}
            >
              Refuse
            </Button>
            <Button
              loading={decide.isPending && decide.variables.allow}
              disabled={decide.isPending}
              onClick={() => decide.mutate({ userCode: asking.userCode, allow: true })}
            >
              Sign it in
            </Button>
          </Group>
        </Stack>
      </EntryFrame>
    )
  }
  return (
    <EntryFrame title="Sign in a terminal" description="With the code that latchwork login shows there.">
      <form onSubmit={submit} noValidate>
        <Stack gap="md">
          {lookUp.isError && <ProblemAlert error={lookUp.error} />}
          <TextInput
            label={label}
            name="code"
            autoComplete="off"
            autoFocus
            required
            placeholder="BCDF-GHJK"
            value={typed}
            error={fault}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Button type="submit" loading={lookUp.isPending} fullWidth mt="sm">
            Go on
          </Button>
        </Stack>
      </form>
    </EntryFrame>
  )
}
