import type { Passkey } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { browserSupportsWebAuthn } from '@simplewebauthn/browser'
import { IconPlus } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Section } from '../ui/Section.tsx'
import { LastUsed, TimeAgo } from '../ui/TimeAgo.tsx'
import { NameDialog } from './NameDialog.tsx'
import { NewPasskey } from './NewPasskey.tsx'
import { passkeysKey, passkeysQuery } from './queries.ts'

/** Passkeys: signing in with a fingerprint, a face, a PIN or a security key instead of the password. */
export function PasskeysSection() {
  const passkeys = useQuery(passkeysQuery)
  const { data } = passkeys
  const [adding, add] = useDisclosure(false)
  const [renaming, setRenaming] = useState<Passkey | null>(null)
  const [removing, setRemoving] = useState<Passkey | null>(null)
  const client = useQueryClient()
  const reload = () => client.invalidateQueries({ queryKey: passkeysKey })
  const remove = useMutation({
    mutationFn: (id: string) => api.passkeys.remove({ params: { id } }),
    onSuccess: () => {
      setRemoving(null)
      void reload()
    },
  })
  const isSupported = browserSupportsWebAuthn()
  return (
    <Section
      title="Passkeys"
      description="Sign in with your fingerprint, face, PIN or security key, without typing a password."
      actions={
        isSupported && (
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={add.open}>
            Add a passkey
          </Button>
        )
      }
    >
      <Pending query={passkeys} what="the passkeys" rows={1} />
      {data?.length === 0 && (
        <Text c="dimmed">
          {isSupported
            ? 'You have none. Nobody can guess a passkey or use it on another site. It also signs you in when you forget your password.'
            : 'You have none, and this browser does not know passkeys.'}
        </Text>
      )}
      {data !== undefined && data.length > 0 && (
        <Rows label="Passkeys">
          {data.map((passkey) => (
            <Row
              key={passkey.id}
              name={
                <Text fw={500} component="span">
                  <bdi>{passkey.name}</bdi>
                </Text>
              }
              detail={
                <>
                  Added <TimeAgo at={passkey.createdAt} />, <LastUsed at={passkey.lastUsedAt} />
                  {passkey.synced && ', on all devices of its password manager'}
                </>
              }
            >
              <Group gap="xs" wrap="nowrap">
                <RowButton label={`Rename ${passkey.name}`} onClick={() => setRenaming(passkey)}>
                  Rename
                </RowButton>
                <RowButton label={`Remove ${passkey.name}`} onClick={() => setRemoving(passkey)}>
                  Remove
                </RowButton>
              </Group>
            </Row>
          ))}
        </Rows>
      )}
      <NewPasskey opened={adding} onClose={add.close} />
      <NameDialog
        title="Rename the passkey"
        key={renaming?.id}
        name={renaming?.name ?? ''}
        opened={renaming !== null}
        onClose={() => setRenaming(null)}
        save={(body) => api.passkeys.rename({ params: { id: renaming?.id ?? '' }, body })}
        onSaved={reload}
      />
      <ConfirmDialog
        opened={removing !== null}
        title="Remove this passkey?"
        confirmLabel="Remove"
        cancelLabel="Keep it"
        danger
        work={remove}
        onCancel={() => setRemoving(null)}
        onConfirm={() => removing !== null && remove.mutate(removing.id)}
      >
        <Text>
          Nobody can sign in with <bdi>{removing?.name}</bdi> from now on. Delete it on your device or in your
          password manager, too.
        </Text>
      </ConfirmDialog>
    </Section>
  )
}
