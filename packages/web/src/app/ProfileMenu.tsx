import { ActionIcon, Menu, Text } from '@mantine/core'
import { IconKey, IconLogout, IconUserCircle } from '@tabler/icons-react'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { sessionQuery } from '../api/session-query.ts'
import { useSignOut } from '../session/useEnter.ts'

/** Who is signed in, their API tokens, and the way out. */
export function ProfileMenu() {
  const { user } = useSuspenseQuery(sessionQuery).data
  const signOut = useSignOut()
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <ActionIcon size={36} aria-label="Profile">
          <IconUserCircle size={20} stroke={1.5} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {user !== null && (
          <Menu.Label>
            <Text size="sm" fw={500} dir="auto" c="var(--mantine-color-text)">
              {user.name}
            </Text>
            <Text size="xs">{user.email}</Text>
          </Menu.Label>
        )}
        <Menu.Item component={Link} to="/settings" leftSection={<IconKey size={16} aria-hidden />}>
          API tokens
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
