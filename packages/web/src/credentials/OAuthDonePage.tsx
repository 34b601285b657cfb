import { errorCatalogue, isErrorCode } from '@latchwork/contract'
import { Anchor } from '@mantine/core'
import { Link, useRouter, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { EntryFrame } from '../ui/EntryFrame.tsx'
import { announceOutcome, takeDeparture } from './oauth-windows.ts'

/**
 * Where an authorization in a popup ends: tells the form how, and closes the popup. Also where an answer ends of which
 * the server can't tell whose it is; in the window that left a form, the way goes back to that form.
 */
export function OAuthDonePage() {
  const { credential, result } = useSearch({ from: '/oauth/done' })
  const router = useRouter()
  useEffect(() => {
    if (result === undefined) return
    const back = credential === undefined ? takeDeparture(result) : null
    if (back !== null) {
      router.history.replace(back)
      return
    }
    announceOutcome({ credentialId: credential ?? null, result })
    window.close()
  }, [credential, result, router])
  const granted = result === 'ok'
  const words = result !== undefined && isErrorCode(result) ? errorCatalogue[result].title : ''
  return (
    <EntryFrame
      title={granted ? 'Access was granted' : 'Access was not granted'}
      description={
        granted
          ? 'You can close this window and go on in the form.'
          : `${words} You can close this window and go on in the form.`.trim()
      }
    >
      <Anchor component={Link} to="/credentials">
        Go to Credentials
      </Anchor>
    </EntryFrame>
  )
}
