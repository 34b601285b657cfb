import type { Credential } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { IconCircleCheckFilled, IconExternalLink } from '@tabler/icons-react'
import { useEffect, useId, useRef } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import { Notice } from '../ui/ProblemAlert.tsx'
import { OtherAccount } from './AccountChange.tsx'
import classes from './overlay.module.css'
import type { Authorization } from './useAuthorization.ts'

interface AuthorizePartProps {
  connectorLabel: string
  authorization: Authorization
  /** The draft for which access was granted with the values as they are now. */
  authorized: Credential | null
  /** Why Authorize can't work yet. */
  obstacle: string | null
  onAuthorize(): void
}

/** Authorize, the wait for it, and who granted access. */
export function AuthorizePart(props: AuthorizePartProps) {
  const { connectorLabel, authorization, authorized, obstacle, onAuthorize } = props
  const { state } = authorization
  const obstacleId = useId()
  const again = authorized !== null
  const part = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (state.phase !== 'idle' || state.reason !== null || again)
      part.current?.scrollIntoView({ block: 'nearest' })
  }, [state, again])
  return (
    <div ref={part} className={classes['part']}>
      <div role="status">
        {state.phase === 'waiting' && (
          <Waiting connectorLabel={connectorLabel} authorization={authorization}>
            Choose your organization and allow access in the window that opened. This form stays as it is.
          </Waiting>
        )}
        {state.phase !== 'waiting' && authorized !== null && (
          <Granted connectorLabel={connectorLabel} credential={authorized} onAnother={onAuthorize} />
        )}
        {state.phase === 'idle' && state.reason !== null && (
          <div style={{ marginBlock: again ? 8 : '0 12px' }}>
            <Notice tone="bad" message={state.reason.message} code={state.reason.code} />
          </div>
        )}
      </div>
      {state.phase !== 'waiting' && !again && (
        <Group gap="sm">
          <BusyButton
            rightSection={<IconExternalLink size={16} aria-hidden />}
            busy={state.phase === 'starting'}
            aria-disabled={obstacle !== null}
            data-disabled={obstacle !== null}
            aria-describedby={obstacleId}
            onClick={() => obstacle === null && onAuthorize()}
          >
            Authorize
          </BusyButton>
          <Text size="xs" c="dimmed" id={obstacleId} flex="1 1 200px">
            {obstacle ??
              `Opens ${connectorLabel}’s page, where you choose the organization and allow access.`}
          </Text>
        </Group>
      )}
    </div>
  )
}

interface GrantedProps {
  connectorLabel: string
  credential: Credential
  onAnother(): void
}

function Granted({ connectorLabel, credential, onAnother }: GrantedProps) {
  const { identity } = credential
  return (
    <div className={classes['box']} data-tone="good">
      <div className={classes['line']}>
        <IconCircleCheckFilled size={16} className={classes['good']} aria-hidden />
        {identity === null ? (
          <span>
            Authorized. {connectorLabel} couldn’t be asked whose account it is. You can save now; we’ll verify
            it when {connectorLabel} answers.
          </span>
        ) : (
          <span>
            Authorized as <strong dir="auto">{identity.userName}</strong>,{' '}
            <strong dir="auto">{identity.organizationName}</strong>
            {identity.userEmail !== '' && (
              <Text component="span" size="xs" c="dimmed" display="block">
                {identity.userEmail}
              </Text>
            )}
          </span>
        )}
      </div>
      <Button variant="default" size="xs" mt="sm" onClick={onAnother}>
        Use another account
      </Button>
    </div>
  )
}

interface WaitingProps {
  connectorLabel: string
  authorization: Authorization
  /** What to do meanwhile. */
  children: string
}

function Waiting({ connectorLabel, authorization, children }: WaitingProps) {
  const { state, isClosed } = authorization
  const canReopen = state.phase === 'waiting' && state.url !== null
  return (
    <div className={classes['box']}>
      <div className={classes['line']}>
        <span className={classes['pulse']} aria-hidden />
        <span>
          <Text component="span" fw={500} display="block">
            Waiting for {connectorLabel}…
          </Text>
          <Text component="span" c="dimmed" display="block">
            {isClosed ? 'The window was closed. Open it again to go on, or stop waiting.' : children}
          </Text>
        </span>
      </div>
      <Group gap="sm" mt="sm">
        {canReopen && (
          <Button variant="default" onClick={authorization.reopen}>
            Open the window again
          </Button>
        )}
        <Button variant="subtle" color="gray" onClick={authorization.cancel}>
          Stop waiting
        </Button>
      </Group>
    </div>
  )
}

interface SignInAgainProps {
  connectorLabel: string
  authorization: Authorization
  /** The person has confirmed the other account. */
  onConfirm(): void
}

/** The wait for a new authorization of a saved credential, and the reason if it failed. */
export function SignInAgain({ connectorLabel, authorization, onConfirm }: SignInAgainProps) {
  const { state } = authorization
  if (state.phase === 'waiting') {
    return (
      <div role="status">
        <Waiting connectorLabel={connectorLabel} authorization={authorization}>
          Allow access in the window that opened. Flows go on meanwhile.
        </Waiting>
      </div>
    )
  }
  if (state.phase !== 'idle' || state.reason === null) return null
  return (
    <Notice tone="bad" message={state.reason.message} code={state.reason.code}>
      {state.reason.code === 'identity_changed' && (
        <OtherAccount onUse={onConfirm} onKeep={authorization.forget} />
      )}
    </Notice>
  )
}
