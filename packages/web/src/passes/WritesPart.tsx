import { endpoints, type FieldChange, type Pass, type PassWrite } from '@latchwork/contract'
import { Button, Group, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { may } from '../access/role.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { passWriteQuery, passWritesQuery, useDecideWrite } from './write-queries.ts'
import { kindWords, stateWords } from './write-words.ts'
import classes from './writes.module.css'

/** So many that were decided are shown below those that wait. */
const shownDecided = 5

/** Writes of a pass that wait for a person: each with what it would change, and the two answers. */
export function WritesPart({ pass }: { pass: Pass }) {
  const mayDecide = may(pass, endpoints.passWrites.list)
  const query = useQuery({ ...passWritesQuery(pass.id), enabled: mayDecide })
  const { items = [] } = query.data ?? {}
  const waiting = items.filter(({ state }) => state === 'waiting')
  const decided = items.filter(({ state }) => state !== 'waiting').slice(0, shownDecided)
  if (!mayDecide || (!pass.confirmWrites && items.length === 0)) return null
  return (
    <section aria-labelledby="pass-writes">
      <Title id="pass-writes" order={2} size="h4" mb={12}>
        Waiting for you{waiting.length > 0 && ` (${waiting.length})`}
      </Title>
      <Stack gap="md">
        <div role="status">
          {query.error !== null && <ProblemAlert error={query.error} />}
          {query.data !== undefined && waiting.length === 0 && (
            <Text c="dimmed">No write waits. Each one of this pass appears here before it is sent.</Text>
          )}
        </div>
        {waiting.map((write) => (
          <WaitingWrite key={write.id} passId={pass.id} write={write} />
        ))}
        {decided.length > 0 && (
          <ul className={classes['decided']} aria-label="Decided lately">
            {decided.map((write) => (
              <li key={write.id}>
                <code>
                  {write.method} {write.path}
                </code>{' '}
                <span className={classes['quiet']}>
                  {stateWords[write.state]}
                  {write.decidedBy !== null && (
                    <>
                      , <bdi>{write.decidedBy.name}</bdi>
                    </>
                  )}
                  {write.decidedAt !== null && (
                    <>
                      , <TimeAgo at={write.decidedAt} />
                    </>
                  )}
                </span>
              </li>
            ))}
          </ul>
        )}
      </Stack>
    </section>
  )
}

/** One write: what it would do, before and after, and the buttons. */
function WaitingWrite({ passId, write }: { passId: string; write: PassWrite }) {
  const query = useQuery(passWriteQuery(passId, write.id))
  const decide = useDecideWrite(passId)
  const details = query.data
  const what = details === undefined ? write.method : kindWords[details.kind]
  const isDelete = details?.kind === 'delete'
  return (
    <article className={classes['write']} aria-labelledby={`${write.id}-title`}>
      <div>
        <Title id={`${write.id}-title`} order={3} size="h5">
          {what} {details?.record != null && <bdi>{details.record}</bdi>}
        </Title>
        <Text size="xs" c="dimmed">
          <code>
            {write.method} {write.path}
          </code>
        </Text>
        <Text size="xs" c="dimmed">
          Asked <TimeAgo at={write.createdAt} />. Without an answer it is dropped{' '}
          <TimeAgo at={write.expiresAt} />.
        </Text>
      </div>
      {details === undefined ? (
        <Pending query={query} what="what it would change" rows={2} rowHeight={32} />
      ) : (
        <>
          {details.unread !== null && <Notice tone="warning" message={details.unread} />}
          {details.kind === 'other' && (
            <Notice
              tone="warning"
              message="This is more than a change of one record, so only what is sent can be shown."
            />
          )}
          <Changes changes={details.changes} kind={details.kind} />
          {details.moreFields > 0 && (
            <Text size="xs" c="dimmed">
              And {details.moreFields} more fields.
            </Text>
          )}
        </>
      )}
      {decide.error !== null && <ProblemAlert error={decide.error} />}
      <Group gap="sm">
        <BusyButton
          busy={decide.isPending && decide.variables.answer === 'confirm'}
          disabled={details === undefined || decide.isPending}
          {...(isDelete ? { color: 'red' } : {})}
          onClick={() => decide.mutate({ writeId: write.id, answer: 'confirm', seen: details?.seen })}
        >
          {isDelete ? 'Confirm the deletion' : 'Confirm'}
        </BusyButton>
        <Button
          variant="default"
          disabled={decide.isPending}
          onClick={() => decide.mutate({ writeId: write.id, answer: 'refuse' })}
        >
          Refuse
        </Button>
      </Group>
    </article>
  )
}

function Changes({ changes, kind }: { changes: readonly FieldChange[]; kind: string }) {
  const [hasBefore, hasAfter] = [kind === 'change' || kind === 'delete', kind !== 'delete']
  if (changes.length === 0) return null
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} aria-label="What would change" tabIndex={0}>
      <table className={classes['changes']}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            {hasBefore && <th scope="col">Now</th>}
            {hasAfter && <th scope="col">{hasBefore ? 'Afterwards' : 'Value'}</th>}
          </tr>
        </thead>
        <tbody>
          {changes.map(({ field, label, before, after }) => (
            <tr key={field} data-same={hasBefore && hasAfter && before === after}>
              <th scope="row">
                {label === null ? field : <bdi>{label}</bdi>}
                {label !== null && <span className={classes['name']}>{field}</span>}
              </th>
              {hasBefore && <Value text={before} isOld={hasAfter && before !== after} />}
              {hasAfter && <Value text={after} isOld={false} />}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Value({ text, isOld }: { text: string | null; isOld: boolean }) {
  return (
    <td data-old={isOld} dir="auto">
      {text === null ? <span className={classes['quiet']}>empty</span> : isOld ? <del>{text}</del> : text}
    </td>
  )
}
