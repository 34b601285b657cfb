import type { Credential, Problem } from '@latchwork/contract'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { outcomeReason } from './outcome.ts'
import { returnPath } from './return-path.ts'
import { useAuthorization } from './useAuthorization.ts'

/** A new authorization of a saved credential. `returnedResult`: how one ended for which the person left this window. */
export function useSignInAgain(credential: Credential, returnedResult: string | null) {
  /** The request to begin was refused. */
  const [refusal, setRefusal] = useState<Problem | null>(null)
  const authorization = useAuthorization({
    initialReason: returnedResult === null ? null : outcomeReason(returnedResult, credential),
    returnTo: returnPath,
    onAuthorized: ({ name, identity }) => {
      setRefusal(null)
      const who = identity === null ? '' : ` as ${identity.userName}, ${identity.organizationName}`
      notifications.show({ message: `“${name}” is signed in again${who}.` })
    },
    onRefused: setRefusal,
  })
  const { id: ownerId } = credential.owner
  const [knowsOwner, setKnowsOwner] = useState(false)
  const begin = (confirmIdentityChange: boolean, confirmsOwner = knowsOwner) => {
    setRefusal(null)
    setKnowsOwner(confirmsOwner)
    const confirmOwner = confirmsOwner ? { confirmOwner: ownerId } : {}
    void authorization.start(async () => credential, { confirmIdentityChange, ...confirmOwner })
  }
  return { authorization, refusal, begin }
}
