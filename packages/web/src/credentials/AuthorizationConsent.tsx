import type { AuthorizationDetails, Credential } from '@latchwork/contract'
import { Checkbox, Text } from '@mantine/core'
import { useState } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'

interface AuthorizationConsentProps {
  credential: Credential
  metadata: AuthorizationDetails
  /** It belongs to the member who is signed in. */
  isMine: boolean
  isBusy: boolean
  label: string
  /** With the owner's id, if the person has confirmed to know that owner. */
  onBegin(confirmOwner?: string): void
}

/** Whose credential gets the tokens, who asked, and for which application; and the way on, once that is known. */
export function AuthorizationConsent(props: AuthorizationConsentProps) {
  const { credential, metadata, isMine, isBusy, label, onBegin } = props
  const { owner, asker, askedAt, application } = metadata
  const [knowsOwner, setKnowsOwner] = useState(false)
  return (
    <>
      <Details compact>
        <Detail name="Credential">
          {credential.name === '' ? 'A new one' : <strong dir="auto">{credential.name}</strong>}
        </Detail>
        <Detail name="Belongs to" second={<bdi>{owner.email}</bdi>}>
          <bdi>{owner.name}</bdi>
          {isMine && ' (you)'}
        </Detail>
        {asker !== null && (
          <Detail
            name="Asked for by"
            second={
              <>
                <bdi>{asker.email}</bdi>
                {askedAt !== null && (
                  <>
                    {', '}
                    <TimeAgo at={askedAt} />
                  </>
                )}
              </>
            }
          >
            <bdi>{asker.name}</bdi>
          </Detail>
        )}
        <Detail name="OAuth app">
          <code>{application}</code>
        </Detail>
      </Details>
      {!isMine && (
        <Checkbox
          checked={knowsOwner}
          onChange={({ currentTarget }) => setKnowsOwner(currentTarget.checked)}
          label={
            <>
              The access that I grant will belong to <bdi>{owner.name}</bdi>, and so will what is done with
              it.
            </>
          }
        />
      )}
      <Text>On the next page, choose the organization and allow it.</Text>
      <BusyButton
        busy={isBusy}
        disabled={!isMine && !knowsOwner}
        onClick={() => (isMine ? onBegin() : onBegin(owner.id))}
      >
        {label}
      </BusyButton>
    </>
  )
}
