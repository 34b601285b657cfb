import type { ResourceKind, ResourceRole } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import classes from './access.module.css'
import type { Held } from './role.ts'

type Lesser = Exclude<ResourceRole, 'owner'>

const names: Record<Lesser, string> = {
  collaborator: 'a collaborator',
  operator: 'an operator',
  admin: 'an admin',
}

/** What the role is for, and what it is not for. */
const words: Record<ResourceKind, Record<Lesser, string>> = {
  credential: {
    collaborator:
      'You may use it in flows. To check it, you need the role Operator. To change or share it, you need the role Admin.',
    operator: 'You may use and check it. To change or share it, you need the role Admin.',
    admin: 'You may use, change and share it. Only its owner deletes it or hands it over.',
  },
  source: {
    collaborator: 'You may use it in flows. To change or share it, you need the role Admin.',
    operator: 'You may use it in flows. To change or share it, you need the role Admin.',
    admin: 'You may use, change and share it. Only its owner deletes it or hands it over.',
  },
  destination: {
    collaborator: 'You may use it in flows. To change or share it, you need the role Admin.',
    operator: 'You may use it in flows. To change or share it, you need the role Admin.',
    admin: 'You may use, change and share it. Only its owner deletes it or hands it over.',
  },
  flow: {
    collaborator:
      'You may follow its runs. To run it or read its records, you need the role Operator. To change or share it, you need the role Admin.',
    operator: 'You may run it and read its records. To change or share it, you need the role Admin.',
    admin: 'You may run, change and share it. Only its owner deletes it or hands it over.',
  },
  file: {
    collaborator:
      'You may download it and read it in flows. To replace or share it, you need the role Admin.',
    operator: 'You may download it and read it in flows. To replace or share it, you need the role Admin.',
    admin: 'You may read, replace and share it. Only its owner deletes it or hands it over.',
  },
  pass: {
    collaborator:
      'You may see what it does. To revoke it, you need the role Operator. To change or share it, you need the role Admin.',
    operator: 'You may see what it does and revoke it. To change or share it, you need the role Admin.',
    admin: 'You may change, renew, share and revoke it. Only its owner deletes it or hands it over.',
  },
}

/** Explains why some actions are missing. Draws nothing for the owner. */
export function RoleNote({ kind, held: { yourRole } }: { kind: ResourceKind; held: Held }) {
  if (yourRole === 'owner') return null
  return (
    <Text component="p" className={classes['role'] ?? ''}>
      <IconLock size={16} stroke={1.5} aria-hidden />
      <span>
        You are {names[yourRole]} of this {kind}. {words[kind][yourRole]}
        {yourRole !== 'admin' && ' Ask its owner or an administrator.'}
      </span>
    </Text>
  )
}
