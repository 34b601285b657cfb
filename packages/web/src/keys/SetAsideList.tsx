import type { MasterKeys } from '@latchwork/contract'
import { Paper, Text, Title } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './keys.module.css'
import { setAsideWords } from './words.ts'

const causes: Readonly<Record<string, string>> = {
  secret_unreadable: 'It is damaged.',
  master_key_missing: 'The server was not given the key that it is sealed under.',
}

/** Values that a rotation could not seal anew, and what to do about each; nothing when there are none. */
export function SetAsideList({ items }: { items: MasterKeys['quarantined'] }) {
  if (items.length === 0) return null
  return (
    <Paper withBorder p={{ base: 'md', sm: 'lg' }} component="section" aria-labelledby="set-aside">
      <Title order={2} size="h3" id="set-aside">
        Set aside
      </Title>
      <Text c="dimmed">
        These values could not be sealed anew. Everything else was; the old key can’t be retired before they
        are put right.
      </Text>
      <ul className={classes['setAside']} aria-label="Values set aside">
        {items.map(({ table, rowId, code, at }) => {
          const { thing, cure } = setAsideWords(table)
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
