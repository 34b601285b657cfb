import { nameSchema } from '@latchwork/contract'
import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { PasskeyProblem } from '../session/PasskeyProblem.tsx'
import { addPasskey } from '../session/passkey.ts'
import { faultSentence } from '../ui/field-rules.ts'
import { CurrentPassword, useProvenByPasskey } from './CurrentPassword.tsx'
import { passkeysKey, signInsQuery } from './queries.ts'

interface NewPasskeyProps {
  opened: boolean
  onClose(): void
}

/** Asks for a name and the password, and then the browser asks for the passkey. */
export function NewPasskey({ opened, onClose }: NewPasskeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a passkey" centered>
      <Content onClose={onClose} />
    </Modal>
  )
}

function Content({ onClose }: Pick<NewPasskeyProps, 'onClose'>) {
  const client = useQueryClient()
  const isProven = useProvenByPasskey()
  const here = useQuery(signInsQuery).data?.find(({ current }) => current)?.client ?? ''
  const [name, setName] = useState(here)
  const [current, setCurrent] = useState('')
  const [faults, setFaults] = useState<{ name?: string; current?: string }>({})
  const add = useMutation({
    mutationFn: () => addPasskey(name, isProven ? null : current),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: passkeysKey })
      onClose()
    },
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const issue = nameSchema.safeParse(name).error?.issues[0]
    const found = {
      ...(issue === undefined
        ? {}
        : { name: faultSentence('Name', name.trim() === '' ? 'is required' : issue.message) }),
      ...(isProven || current !== '' ? {} : { current: 'Current password is required.' }),
    }
    setFaults(found)
    if (Object.keys(found).length === 0) add.mutate()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {add.isError && <PasskeyProblem error={add.error} />}
        <TextInput
          label="Name"
          description="To know it again by, for example the device that it is on."
          required
          dir="auto"
          data-autofocus={isProven || undefined}
          value={name}
          error={faults.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!isProven && <CurrentPassword value={current} error={faults.current} onChange={setCurrent} />}
        <Group justify="flex-end" gap="sm">
          <Button variant="subtle" color="gray" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending}>
            Go on
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
