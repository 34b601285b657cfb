import { Button, Stack, Text } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { sessionKey, useMe } from '../api/session-query.ts'
import { Dialog } from '../ui/dialogs.tsx'
import { SignInForm } from './SignInForm.tsx'

interface SessionEndedProps {
  opened: boolean
  /** The same person is signed in again. */
  onBack(): void
  /** Gives up what stands on the page. */
  onLeave(): void
}

/** The session ended while somebody worked: they sign in over the page, which keeps what they typed. */
export function SessionEnded({ opened, onBack, onLeave }: SessionEndedProps) {
  const me = useMe()
  const client = useQueryClient()
  return (
    <Dialog
      opened={opened}
      onClose={() => undefined}
      closeOnEscape={false}
      closeOnClickOutside={false}
      withCloseButton={false}
      title="Your session ended"
      size={400}
      // Above any dialog that was open: its own place in the document is older.
      zIndex={400}
    >
      <Stack gap="md">
        <Text c="dimmed">Sign in again to go on. What you typed is still here.</Text>
        <SignInForm
          email={me?.email ?? ''}
          onSignedIn={(session) => {
            // Another person must not see what this one had open.
            if (session.user?.id !== me?.id) return window.location.reload()
            client.setQueryData(sessionKey, session)
            onBack()
            void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionKey[0] })
          }}
        />
        <Button variant="subtle" color="gray" onClick={onLeave}>
          Leave this page
        </Button>
      </Stack>
    </Dialog>
  )
}
