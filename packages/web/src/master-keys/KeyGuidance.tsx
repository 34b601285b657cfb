import type { MasterKeys } from '@latchwork/contract'
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { Section } from '../ui/Section.tsx'
import classes from './master-keys.module.css'
import { roleOf } from './words.ts'

const origins: Record<MasterKeys['origin'], { title: string; description: string; steps: ReactNode[] }> = {
  file: {
    title: 'Keys in a file',
    description: 'Several servers with the same key file follow a rotation by themselves.',
    steps: [
      <>
        On machines with key files of their own: <strong>Add key</strong>, copy the file to all of them, then
        rotate on one.
      </>,
      'After each rotation, copy the file to a safe place. Keep it in another place than the backups.',
    ],
  },
  environment: {
    title: 'Keys in the environment',
    description: 'The server can’t make keys there. To change the key:',
    steps: [
      <>
        Make one with <code>openssl rand -base64 32</code>.
      </>,
      <>
        Put it as the first line of <code>LATCHWORK_MASTER_KEY</code>, and keep the old one as the second.
      </>,
      'Restart each server of this database.',
      <>
        <strong>Rotate</strong> here, retire the old key, and take its line away.
      </>,
    ],
  },
  service: {
    title: 'Keys in a key management service',
    description:
      'The key never leaves the service. When the service rotates the versions of one key by itself, nothing is to be done here. To change to another key:',
    steps: [
      <>
        Put the new key first in <code>LATCHWORK_KMS</code> and the old one after it, separated by a space.
      </>,
      'Restart each server of this database.',
      <>
        <strong>Rotate</strong> here, retire the old key, and take it away.
      </>,
    ],
  },
}

/** Instructions for the place that the keys come from. */
export function OriginSection({ origin }: Pick<MasterKeys, 'origin'>) {
  const { title, description, steps } = origins[origin]
  return (
    <Section title={title} description={description}>
      <ol className={classes['steps']}>
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps never change their order
          <li key={index}>{step}</li>
        ))}
      </ol>
    </Section>
  )
}

const backup = 'latchwork backup --out latchwork.age --recipient age1…'

/** How to make a backup, and what a restore would ask for. */
export function BackupSection({ keys }: { keys: MasterKeys }) {
  const active = keys.items.find((key) => roleOf(key) === 'active')
  const older = keys.items.filter((key) => ['old', 'retired'].includes(roleOf(key)))
  return (
    <Section
      title="Backup"
      description="One encrypted file with everything in the database, made while the server runs. The master key is not in it. Keep the two in different places: a restore needs both."
    >
      <Details>
        <Detail
          name="Make one"
          help="For one or more age public keys; running.md in the documentation has the rest."
        >
          <code>{backup}</code>
          <CopyButton value={backup} what="the command" />
        </Detail>
        {active !== undefined && (
          <Detail name="Key for the next backup" help="Keep a copy in another place than the backups.">
            <code>{active.id}</code>
          </Detail>
        )}
        {older.length > 0 && (
          <Detail
            name={older.length === 1 ? 'Key for earlier backups' : 'Keys for earlier backups'}
            help="Needed until the last backup from before the rotation is gone."
          >
            <span>
              {older.map((key) => (
                <Text key={key.id} component="span" display="block">
                  <code>{key.id}</code>
                </Text>
              ))}
            </span>
          </Detail>
        )}
        <Detail name="Not in a backup">
          The files of flows, the server’s certificate, and sessions: people sign in again.
        </Detail>
      </Details>
    </Section>
  )
}
