import type { CallOutput, Endpoints } from '@latchwork/contract'
import { Divider, Stack } from '@mantine/core'
import { browserSupportsWebAuthn } from '@simplewebauthn/browser'
import { IconFingerprint } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { passkeyFault, signInWithPasskey } from './passkey.ts'

interface PasskeySignInProps {
  onSignedIn(session: CallOutput<Endpoints['passkeySignIn']['finish']>): void
}

/** The other way to sign in, where the browser knows passkeys. */
export function PasskeySignIn({ onSignedIn }: PasskeySignInProps) {
  const signIn = useMutation({ mutationFn: signInWithPasskey, onSuccess: onSignedIn })
  if (!browserSupportsWebAuthn()) return null
  return (
    <Stack gap="md" mt="md">
      <Divider label="or" labelPosition="center" />
      {signIn.isError && <PasskeyProblem error={signIn.error} />}
      <BusyButton
        variant="default"
        fullWidth
        leftSection={<IconFingerprint size={18} aria-hidden />}
        busy={signIn.isPending}
        onClick={() => signIn.mutate()}
      >
        Use a passkey
      </BusyButton>
    </Stack>
  )
}

/** Why a passkey was not made or not accepted, by the browser or by the server. */
export function PasskeyProblem({ error }: { error: unknown }) {
  const fault = passkeyFault(error)
  return fault === null ? <ProblemAlert error={error} /> : <Notice tone="bad" message={fault} />
}
