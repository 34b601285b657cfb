import { ApiError, type Credential, isOtherAccount } from '@latchwork/contract'
import { Checkbox, Select, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { notifications } from '@mantine/notifications'
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { asksAboutLacking, LackingQuestion } from '../ui/LackingQuestion.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AccountChange } from './AccountChange.tsx'
import { credentialKeys } from './queries.ts'

interface MoveUsageProps {
  credential: Credential
  opened: boolean
  onClose(): void
  onMoved?(): void
}

/** Lets everything that uses a credential use another one of the same system, at once. */
export function MoveUsage(props: MoveUsageProps) {
  return (
    <Dialog
      opened={props.opened}
      onClose={props.onClose}
      title="Move everything to another credential"
      size={520}
    >
      <MoveForm {...props} />
    </Dialog>
  )
}

const typingPauseMs = 250

function MoveForm({ credential, onClose, onMoved }: MoveUsageProps) {
  const client = useQueryClient()
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState<Credential | null>(null)
  const [confirmed, setConfirmed] = useState(false)
  const [query] = useDebouncedValue(typed.trim(), typingPauseMs)
  const { connector, identity } = credential
  // What stands in the field after a choice is a name and no search.
  const words = query === chosen?.name ? '' : query
  const list = useQuery({
    queryKey: [...credentialKeys.lists, 'to-move-to', connector, words],
    queryFn: () => api.credentials.list({ query: { connector, query: words } }),
    placeholderData: keepPreviousData,
  })
  const choices = (list.data?.items ?? []).filter(({ id }) => id !== credential.id)
  const listed =
    choices.some(({ id }) => id === chosen?.id) || chosen === null ? choices : [chosen, ...choices]
  const isOther = chosen !== null && isOtherAccount(identity, chosen.identity)
  const move = useMutation({
    mutationFn: ({ to, lacking }: { to: string; lacking: boolean }) =>
      api.deletedCredentials.moveUsage({
        params: { id: credential.id },
        body: { to, confirmIdentityChange: isOther && confirmed, lacking },
      }),
    onSuccess: ({ moved }, { to }) => {
      const name = listed.find(({ id }) => id === to)?.name ?? ''
      notifications.show({
        message: `“${name}” is used instead from now on, by ${moved === 1 ? '1 source, destination or pass' : `${moved} sources, destinations and passes`}.`,
      })
      void client.invalidateQueries({ queryKey: credentialKeys.all })
      void client.invalidateQueries({ queryKey: ['source'] })
      void client.invalidateQueries({ queryKey: ['destination'] })
      void client.invalidateQueries({ queryKey: ['flows'] })
      void client.invalidateQueries({ queryKey: ['passes'] })
      onClose()
      onMoved?.()
    },
  })
  const none = list.isSuccess && !list.isPlaceholderData && words === '' && choices.length === 0
  return (
    <Stack gap="md">
      <Text>
        Sources, destinations and passes that use <strong dir="auto">{credential.name}</strong>, with the
        flows on them, use the other credential from their next request. Nothing stops.
      </Text>
      {none ? (
        <Text c="dimmed">
          There is no other credential for this system. Add one first, then come back here.
        </Text>
      ) : (
        <Select
          label="Use instead"
          placeholder="Choose a credential"
          searchable
          dir="auto"
          required
          data-autofocus
          data={listed.map(({ id, name }) => ({ value: id, label: name }))}
          filter={({ options }) => options}
          nothingFoundMessage={list.isFetching ? 'Looking…' : 'No credential matches.'}
          renderOption={({ option }) => {
            const found = listed.find(({ id }) => id === option.value)
            return (
              <div>
                <bdi>{option.label}</bdi>
                <Text size="xs" c="dimmed">
                  {found?.identity?.organizationName ?? 'Account not known yet'}
                  {found?.status === 'failed' && ' · Failed'}
                </Text>
              </div>
            )
          }}
          value={chosen?.id ?? null}
          onChange={(id) => {
            setChosen(listed.find((each) => each.id === id) ?? null)
            setConfirmed(false)
            move.reset()
          }}
          onSearchChange={setTyped}
        />
      )}
      {list.error instanceof ApiError && <ProblemAlert error={list.error} />}
      {chosen !== null && chosen.identity !== null && (
        <AccountChange before={identity} after={chosen.identity}>
          <Checkbox
            mt="sm"
            label="Yes, use the other account"
            checked={confirmed}
            onChange={(event) => setConfirmed(event.currentTarget.checked)}
          />
        </AccountChange>
      )}
      {move.error instanceof ApiError && !asksAboutLacking(move.error) && <ProblemAlert error={move.error} />}
      <LackingQuestion
        error={move.error}
        onConfirm={() => chosen !== null && move.mutate({ to: chosen.id, lacking: true })}
        onCancel={move.reset}
      />
      <FormButtons
        label="Move everything"
        busy={move.isPending}
        disabled={chosen === null || (isOther && !confirmed)}
        onCancel={onClose}
        onClick={() => chosen !== null && move.mutate({ to: chosen.id, lacking: false })}
      />
    </Stack>
  )
}
