import type { Pass } from '@latchwork/contract'
import { Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { RoleNote } from '../access/RoleNote.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Notice } from '../ui/ProblemAlert.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { CallChart } from './CallChart.tsx'
import { CallList } from './CallList.tsx'
import { PassActions } from './PassActions.tsx'
import { PassBadge } from './PassBadge.tsx'
import { PassDetails } from './PassDetails.tsx'
import { RuleWords } from './PassSentence.tsx'
import classes from './passes.module.css'
import { passQuery } from './queries.ts'
import { Snippets } from './Snippets.tsx'
import { hiddenToken } from './snippets.ts'
import { WritesPart } from './WritesPart.tsx'
import { shownCredential } from './words.ts'

/** One pass: what it may do, what it did, and the ways to change and to end it. */
export function PassPage() {
  const { passId } = useParams({ from: '/shell/passes/$passId' })
  const query = useQuery(passQuery(passId))
  const pass = query.data
  if (pass === undefined) {
    return (
      <>
        <PageHeader title="Pass" />
        <Pending query={query} what="the pass" rows={3} rowHeight={120} />
      </>
    )
  }
  const isOver = pass.status === 'revoked' || pass.status === 'expired'
  return (
    <>
      <PageHeader
        title={pass.name}
        aside={<PassBadge status={pass.status} />}
        {...(pass.purpose === '' ? {} : { description: <span dir="auto">{pass.purpose}</span> })}
        actions={<PassActions key={pass.id} pass={pass} />}
      />
      <Stack gap="lg">
        <RoleNote kind="pass" held={pass} />
        <StatusNotice pass={pass} />
        <WritesPart pass={pass} />
        <section aria-labelledby="pass-words" className={classes['part']}>
          <Title id="pass-words" order={2} size="h4">
            What it may do
          </Title>
          <div className={classes['words']}>
            <RuleWords {...pass} credentialId={shownCredential(pass)} />
          </div>
          <PassDetails pass={pass} />
        </section>
        <CallChart pass={pass} />
        <CallList pass={pass} />
        {!isOver && (
          <section aria-labelledby="pass-use" className={classes['part']}>
            <Title id="pass-use" order={2} size="h4">
              How to use it
            </Title>
            <Snippets rules={pass.rules} token={hiddenToken} />
          </section>
        )}
        <AccessPanel kind="pass" id={pass.id} titleOrder={2} />
      </Stack>
    </>
  )
}

/** Why it does not work, and the way out. */
function StatusNotice({ pass }: { pass: Pass }) {
  const { status, reason, credential, expiresAt } = pass
  if (status === 'paused') {
    return (
      <Notice tone="warning" message={`Its calls are refused for now. ${reason ?? ''}`.trim()}>
        {credential.name !== null && (
          <TextLink to="/credentials" search={{ id: credential.id }}>
            Open the credential
          </TextLink>
        )}
      </Notice>
    )
  }
  if (status === 'expired' && expiresAt !== null) {
    return (
      <Notice
        tone="neutral"
        message={
          <>
            It expired <TimeAgo at={expiresAt} />. Give it more time under “Change”, and its token works
            again.
          </>
        }
      />
    )
  }
  return status === 'revoked' ? (
    <Notice
      tone="neutral"
      message="It was revoked: each call is refused. For the same rights, make a new pass."
    />
  ) : null
}
