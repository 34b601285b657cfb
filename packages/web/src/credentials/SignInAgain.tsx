import { Button, Group, Text } from '@mantine/core'
import { Notice } from '../ui/ProblemAlert.tsx'
import classes from './overlay.module.css'
import type { Authorization } from './useAuthorization.ts'

interface SignInAgainProps {
  connectorLabel: string
  authorization: Authorization
  /** Somebody read that it is another account, and wants it. */
  onConfirm(): void
}

/** The wait for a new authorization of a saved credential, and how it ended if not well. */
export function SignInAgain({ connectorLabel, authorization, onConfirm }: SignInAgainProps) {
  const { state } = authorization
  if (state.phase === 'waiting') {
    return (
      <div className={classes['box']} role="status">
        <div className={classes['line']}>
          <span className={classes['pulse']} aria-hidden />
          <span>
            <Text component="span" fw={500} display="block">
              Waiting for {connectorLabel}…
            </Text>
            <Text component="span" c="dimmed" display="block">
              Allow access in the window that opened. What uses the credential goes on until then.
            </Text>
          </span>
        </div>
        <Group gap="sm" mt="sm">
          <Button variant="default" onClick={authorization.reopen}>
            Open the window again
          </Button>
          <Button variant="subtle" color="gray" onClick={authorization.cancel}>
            Stop waiting
          </Button>
        </Group>
      </div>
    )
  }
  if (state.phase !== 'idle' || state.reason === null) return null
  return (
    <Notice tone="bad" message={state.reason.message} code={state.reason.code}>
      {state.reason.code === 'identity_changed' && (
        <Group gap="sm" mt="sm">
          <Button color="red.8" onClick={onConfirm}>
            Use the other account
          </Button>
          <Button variant="default" onClick={authorization.forget}>
            Keep it as it is
          </Button>
        </Group>
      )}
    </Notice>
  )
}
