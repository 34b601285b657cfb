import type { DoubtSearch, FoundRecord, Quarantined, Run } from '@latchwork/contract'
import { Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Dialog } from '../ui/dialogs.tsx'
import { FramedList, RowButton } from '../ui/lists.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { foundQuery, useDecideDoubtful } from './queries.ts'
import classes from './RunRecords.module.css'

interface DoubtfulRecordProps {
  run: Run
  item: Quarantined
  name: string
  opened: boolean
  onClose(): void
  /** Sends it again. */
  onReplay(): void
}

/** A record whose answer was lost: what the destination has of its values, and a person's word whether it is there. */
export function DoubtfulRecord({ run, item, name, opened, onClose, onReplay }: DoubtfulRecordProps) {
  return (
    <Dialog opened={opened} onClose={onClose} title={`Is ${name} there?`} size={620}>
      <Found run={run} item={item} onClose={onClose} onReplay={onReplay} />
    </Dialog>
  )
}

function Found({ run, item, onClose, onReplay }: Omit<DoubtfulRecordProps, 'name' | 'opened'>) {
  const search = useQuery(foundQuery(run.id, item.id))
  const decide = useDecideDoubtful(run.id, item.id)
  if (search.data === undefined) return <Pending query={search} what="what the destination has" />
  const { items, more } = search.data
  return (
    <Stack gap="md">
      <Text size="sm">
        {countWords(items.length, more)} <Sought by={search.data.by} />. A new record may take a minute to be
        found.
      </Text>
      {items.length > 0 && (
        <FramedList label="What may be this record">
          {items.map((found) => (
            <FoundItem
              key={found.key}
              found={found}
              busy={decide.isPending}
              onChoose={() => decide.mutate({ there: true, key: found.key }, { onSuccess: onClose })}
            />
          ))}
        </FramedList>
      )}
      {more && (
        <Text size="sm" c="dimmed">
          There are more; these are the newest.
        </Text>
      )}
      {decide.error !== null && <ProblemAlert error={decide.error} />}
      <Group justify="flex-end" gap="sm">
        <BusyButton variant="default" busy={search.isFetching} onClick={() => void search.refetch()}>
          Look again
        </BusyButton>
        <BusyButton
          // Beside what may be it, the sentence that sends it once more is not the one to be hit by habit.
          variant={items.length === 0 ? 'filled' : 'default'}
          busy={decide.isPending}
          onClick={() => decide.mutate({ there: false }, { onSuccess: onReplay })}
        >
          It is not there: send it again
        </BusyButton>
      </Group>
    </Stack>
  )
}

function countWords(count: number, more: boolean): string {
  if (count === 0) return 'The destination has nothing with'
  if (count === 1) return 'The destination has one record with'
  return `The destination has ${more ? `more than ${count}` : count} records with`
}

function Sought({ by }: Pick<DoubtSearch, 'by'>) {
  return by.map(({ label, value }, index) => (
    <span key={label}>
      {index === 0 ? '' : ', '}
      {label} <bdi>“{value}”</bdi>
    </span>
  ))
}

interface FoundItemProps {
  found: FoundRecord
  busy: boolean
  onChoose(): void
}

function FoundItem({ found, busy, onChoose }: FoundItemProps) {
  const name = found.name ?? found.key
  return (
    <li className={classes['item']}>
      <div className={classes['head']}>
        <div>
          <Text fw={500}>
            <bdi>{name}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            {found.key}
            {found.createdAt !== null && (
              <>
                {' · created '}
                <TimeAgo at={found.createdAt} />
              </>
            )}
          </Text>
        </div>
        {found.taken ? (
          <Text size="sm" c="dimmed">
            Made for another record of this flow
          </Text>
        ) : (
          <RowButton label={`This is it: ${name}, ${found.key}`} busy={busy} onClick={onChoose}>
            This is it
          </RowButton>
        )}
      </div>
      <details className={classes['details']}>
        <summary>Show the record</summary>
        <pre dir="ltr">{JSON.stringify(found.record, null, 2)}</pre>
      </details>
    </li>
  )
}
