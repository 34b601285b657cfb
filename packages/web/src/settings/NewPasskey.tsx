import { nameSchema } from '@latchwork/contract'
import { Stack, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { PasskeyProblem } from '../session/PasskeySignIn.tsx'
import { addPasskey } from '../session/passkey.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { useFields } from '../ui/useFields.ts'
import { CurrentPassword, currentPasswordLabel, useProvenByPasskey } from './CurrentPassword.tsx'
import { passkeysKey, signInsQuery } from './queries.ts'

interface NewPasskeyProps {
  opened: boolean
  onClose(): void
}

/** Asks for a name and the password, and then the browser asks for the passkey. */
export function NewPasskey({ opened, onClose }: NewPasskeyProps) {
  // The form begins with the name of this browser.
  const { isPending } = useQuery(signInsQuery)
  return (
    <Dialog opened={opened} onClose={onClose} title="Add a passkey">
      {isPending ? (
        <ListSkeleton label="Loading your sign-ins" rows={2} />
      ) : (
        <PasskeyForm onClose={onClose} />
      )}
    </Dialog>
  )
}

const schema = z.object({ currentPassword: z.string(), name: nameSchema })

function PasskeyForm({ onClose }: Pick<NewPasskeyProps, 'onClose'>) {
  const client = useQueryClient()
  const isProven = useProvenByPasskey()
  const here = useQuery(signInsQuery).data?.find(({ current }) => current)?.client ?? ''
  const add = useMutation({
    mutationFn: ({ name, currentPassword }: z.infer<typeof schema>) =>
      addPasskey(name, isProven ? null : currentPassword),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: passkeysKey })
      onClose()
    },
  })
  const { field, onSubmit } = useFields({
    schema,
    labels: { name: 'Name', ...(isProven ? {} : currentPasswordLabel) },
    initial: { name: here },
    error: add.error,
  })
  return (
    <form onSubmit={onSubmit((typed) => add.mutate(typed))} noValidate>
      <Stack gap="md">
        {add.isError && <PasskeyProblem error={add.error} />}
        <TextInput
          {...field('name')}
          description="So that you recognize it, for example the name of the device."
          dir="auto"
          data-autofocus={isProven || undefined}
        />
        {!isProven && <CurrentPassword {...field('currentPassword')} />}
        <FormButtons label="Go on" busy={add.isPending} onCancel={onClose} />
      </Stack>
    </form>
  )
}
