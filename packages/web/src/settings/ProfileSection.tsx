import { Group, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { sessionKey, sessionQuery } from '../api/session-query.ts'
import { memberKeys } from '../members/queries.ts'
import { useSignOut } from '../session/useEnter.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { RowButton } from '../ui/lists.tsx'
import { Section } from '../ui/Section.tsx'
import { ChangePassword } from './ChangePassword.tsx'
import { NameDialog } from './NameDialog.tsx'
import classes from './settings.module.css'

/** Who is signed in, under which name and with which password. */
export function ProfileSection() {
  const { user } = useSuspenseQuery(sessionQuery).data
  const client = useQueryClient()
  const signOut = useSignOut()
  const [renaming, rename] = useDisclosure(false)
  const [changing, change] = useDisclosure(false)
  if (user === null) return null
  return (
    <Section
      title="Profile"
      description="Who you are here."
      actions={
        <BusyButton variant="default" busy={signOut.isPending} onClick={() => signOut.mutate()}>
          Sign out
        </BusyButton>
      }
    >
      <Details>
        <Detail name="Name">
          <Group justify="space-between" className={classes['editable']}>
            <bdi>{user.name}</bdi>
            <RowButton label="Change your name" onClick={rename.open}>
              Change
            </RowButton>
          </Group>
        </Detail>
        <Detail name="Email">{user.email}</Detail>
        <Detail name="Role">{user.role === 'admin' ? 'Administrator' : 'Member'}</Detail>
        <Detail name="Password">
          <Group justify="space-between" className={classes['editable']}>
            <Text component="span" c="dimmed">
              Only its hash is stored.
            </Text>
            <RowButton label="Change your password" onClick={change.open}>
              Change
            </RowButton>
          </Group>
        </Detail>
      </Details>
      <NameDialog
        title="Change your name"
        name={user.name}
        opened={renaming}
        onClose={rename.close}
        save={(body) => api.profile.rename({ body })}
        onSaved={async () => {
          await client.invalidateQueries({ queryKey: sessionKey })
          await client.invalidateQueries({ queryKey: memberKeys.all })
        }}
      />
      <ChangePassword email={user.email} opened={changing} onClose={change.close} />
    </Section>
  )
}
