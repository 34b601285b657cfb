import type { Pass } from '@latchwork/contract'
import { Progress, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Owner } from '../access/Owner.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { formatCount } from '../ui/number-words.ts'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeOf } from '../ui/TimeAgo.tsx'
import classes from './passes.module.css'
import { passCountsQuery } from './queries.ts'
import { credentialWords, shareWords } from './words.ts'

/** The facts of a pass, one a line. */
export function PassDetails({ pass }: { pass: Pass }) {
  return (
    <Details>
      <Line name="Credential">
        {pass.credential.name === null ? (
          credentialWords(pass)
        ) : (
          <TextLink to="/credentials" search={{ id: pass.credential.id }}>
            <bdi>{credentialWords(pass)}</bdi>
          </TextLink>
        )}
      </Line>
      <Line name="Until">
        {pass.expiresAt === null ? (
          <>
            No end: <bdi>{pass.neverBecause}</bdi>
          </>
        ) : (
          <TimeOf at={pass.expiresAt} />
        )}
      </Line>
      <Line name="How much">
        {shareWords(pass)}
        {pass.perDay !== null && <Today pass={pass} perDay={pass.perDay} />}
      </Line>
      {pass.addresses.length > 0 && <Line name="Only from">{pass.addresses.join(', ')}</Line>}
      <Line name="Token">
        <code>…{pass.suffix}</code>
        {pass.oldTokenUntil !== null && (
          <Text size="xs" c="dimmed">
            The one before works too, until <TimeOf at={pass.oldTokenUntil} />
          </Text>
        )}
      </Line>
      <Line name="Last used">{pass.lastUsedAt === null ? 'Not yet' : <TimeOf at={pass.lastUsedAt} />}</Line>
      <Line name="Made">
        <TimeOf at={pass.createdAt} />
      </Line>
      <Line name="Owner">
        <Owner owner={pass.owner} />
      </Line>
    </Details>
  )
}

function Line({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Detail name={name}>
      <div>{children}</div>
    </Detail>
  )
}

/** What it has used today of its ceiling. */
function Today({ pass, perDay }: { pass: Pass; perDay: number }) {
  const { data } = useQuery(passCountsQuery(pass.id, pass.status === 'active'))
  if (data === undefined) return null
  const part = Math.min(100, (data.today / perDay) * 100)
  return (
    <div className={classes['today']}>
      <Progress value={part} color={part >= 100 ? 'red' : 'latch'} aria-label="Taken today" />
      <Text size="xs" c="dimmed">
        {formatCount(data.today)} of {formatCount(perDay)} taken today (UTC)
      </Text>
    </div>
  )
}
