import { ApiError, nameSchema, type Problem } from '@latchwork/contract'
import { Button, Group, Modal, Select, Stack, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { CopyButton } from '../ui/CopyButton.tsx'
import { faultSentence } from '../ui/field-rules.ts'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { tokensKey } from './queries.ts'

const lifetimes = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'none', label: 'Never' },
]

interface NewTokenProps {
  opened: boolean
  onClose(): void
}

/** Makes a token and shows it, this once. */
export function NewToken({ opened, onClose }: NewTokenProps) {
  // A click beside the dialog must not lose a token that is shown only once.
  return (
    <Modal opened={opened} onClose={onClose} title="New API token" centered closeOnClickOutside={false}>
      <Content onClose={onClose} />
    </Modal>
  )
}

function Content({ onClose }: Pick<NewTokenProps, 'onClose'>) {
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [lifetime, setLifetime] = useState('90')
  const [fault, setFault] = useState<string | null>(null)
  const [problem, setProblem] = useState<Problem | null>(null)
  const [isMaking, setMaking] = useState(false)
  const [secret, setSecret] = useState<string | null>(null)

  const make = async () => {
    setMaking(true)
    setProblem(null)
    try {
      const expiresInDays = lifetime === 'none' ? null : Number(lifetime)
      const made = await api.tokens.create({ body: { name, expiresInDays } })
      setSecret(made.secret)
      void client.invalidateQueries({ queryKey: tokensKey })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      setProblem(error.problem)
    } finally {
      setMaking(false)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const parsed = nameSchema.safeParse(name)
    if (parsed.success) void make()
    else
      setFault(
        faultSentence('Name', name.trim() === '' ? 'is required' : (parsed.error.issues[0]?.message ?? '')),
      )
  }
  if (secret !== null) {
    return (
      <Stack gap="md">
        <Notice tone="warning" message="Copy the token now. It is shown only this once." />
        <TextInput
          label="Token"
          readOnly
          value={secret}
          styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: 12 } }}
          data-autofocus
          onFocus={(event) => event.currentTarget.select()}
          rightSection={<CopyButton value={secret} what="the token" />}
          rightSectionWidth={36}
        />
        <Group justify="flex-end">
          <Button onClick={onClose}>Done</Button>
        </Group>
      </Stack>
    )
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {problem !== null && <ProblemAlert error={problem} />}
        <TextInput
          label="Name"
          description="What will use it, for example nightly export."
          required
          data-autofocus
          dir="auto"
          value={name}
          error={fault}
          onChange={(event) => {
            setName(event.currentTarget.value)
            setFault(null)
          }}
        />
        <Select
          label="Expires after"
          data={lifetimes}
          allowDeselect={false}
          value={lifetime}
          onChange={(value) => value !== null && setLifetime(value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isMaking}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
