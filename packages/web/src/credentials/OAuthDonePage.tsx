import { Anchor } from '@mantine/core'
import { Link, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { EntryFrame } from '../session/EntryFrame.tsx'
import { announceOutcome } from './oauth-channel.ts'

/** Where an authorization in a popup ends: tells the form how, and closes the popup. */
export function OAuthDonePage() {
  const { credential, result } = useSearch({ from: '/oauth/done' })
  useEffect(() => {
    if (credential === undefined || result === undefined) return
    announceOutcome({ credentialId: credential, result })
    window.close()
  }, [credential, result])
  const granted = result === 'ok'
  return (
    <EntryFrame
      title={granted ? 'Access was granted' : 'Back to Latchwork'}
      description={
        granted
          ? 'You can close this window and go on in the form.'
          : 'You can close this window. The form says what happened and what to do.'
      }
    >
      <Anchor component={Link} to="/credentials">
        Or go to Credentials
      </Anchor>
    </EntryFrame>
  )
}
