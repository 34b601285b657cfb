import type { MasterKeys } from '@latchwork/contract'
import { Paper, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './master-keys.module.css'
import { quarantineWords } from './words.ts'

const causes: Readonly<Record<string, string>> = {
  secret_unreadable: 'It is damaged.',
  master_key_missing: 'The server doesn’t have the key that it is encrypted with.',
}

/** Values that a rotation could not encrypt again, and what to do about each; nothing when there are none. */
export function QuarantineList({ items }: { items: MasterKeys['quarantined'] }) {
  if (items.length === 0) return null
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby="quarantine">
      <Title order={2} size="h3" id="quarantine">
        Quarantine
      </Title>
      <Text c="dimmed">
        These values could not be encrypted again. Everything else was. Fix them before you retire the old
        key.
      </Text>
      <ul className={classes['quarantine']} aria-label="Values in quarantine">
        {items.map(({ table, rowId, code, at }) => {
          const { thing, cure } = quarantineWords(table)
          return (
            <li key={`${table} ${rowId}`}>
              <Text fw={500}>
                {thing}{' '}
                {table === 'credentials' && (
                  <Link to="/credentials" search={{ id: rowId }} className={classes['link']}>
                    Open the credential
                  </Link>
                )}
              </Text>
              <Text>
                {causes[code] ?? 'It could not be opened.'} {cure}
              </Text>
              <span className={classes['second']}>
                <code>{rowId}</code> in <code>{table}</code>, <code>{code}</code>, <TimeAgo at={at} />
              </span>
            </li>
          )
        })}
      </ul>
    </Paper>
  )
}
