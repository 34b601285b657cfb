import type { ConnectorDefinition, Credential, MethodDefinition } from '@latchwork/contract'
import { Text, Title } from '@mantine/core'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ChangeFields } from './ChangeFields.tsx'
import classes from './change.module.css'
import { isKeyMethod } from './form-rules.ts'
import { RotateKey } from './RotateKey.tsx'

interface CredentialChangesProps {
  credential: Credential
  connector: ConnectorDefinition
  method: MethodDefinition
  /** Signing in again, for a method that signs in: the button's work, and what stands under it. */
  signIn: { isBusy: boolean; begin(): void; below: ReactNode }
  onSwitch(): void
}

/** An OAuth app is part of what a credential is: another one needs a credential of its own. */
const fixedFields: ReadonlySet<string> = new Set(['clientId'])

/** Every way to change how a credential signs in, each with what it costs. Its id and what uses it always stay. */
export function CredentialChanges(props: CredentialChangesProps) {
  const { credential, connector, method, signIn, onSwitch } = props
  const [opened, setOpened] = useState<string | null>(null)
  const close = () => setOpened(null)
  const toggle = (which: string) => setOpened((now) => (now === which ? null : which))
  const { fields } = method
  const isOAuth = method.flow === 'oauth2'
  const secrets = fields.filter(({ kind }) => kind === 'secret')
  const others = fields.filter(({ kind, name }) => kind !== 'secret' && !fixedFields.has(name))
  const [otherMethod, ...moreMethods] = connector.methods.filter(({ id }) => id !== method.id)
  const redirects = others.some(({ decidesPlace }) => decidesPlace === true)
  const failed = credential.status === 'failed'
  const row = (label: string, text: string, panel: ReactNode, urgent = false) => (
    <Change
      {...{ label, text, urgent }}
      opened={opened === label}
      onClick={() => toggle(label)}
      panel={panel}
    />
  )
  return (
    <section>
      <Title order={4} mb="sm">
        Change how it signs in
      </Title>
      <ul className={classes['changes']}>
        {isOAuth && (
          <Change
            label="Sign in again"
            text="Grant access again, as the same user or another. Flows go on."
            urgent={failed}
            busy={signIn.isBusy}
            onClick={signIn.begin}
            panel={signIn.below}
          />
        )}
        {isKeyMethod(method)
          ? row(
              'Rotate key',
              'Replace this key while flows go on. The new key is checked first.',
              <RotateKey {...{ credential, connector, method }} onDone={close} />,
              failed,
            )
          : secrets.length > 0 &&
            row(
              `Replace the ${secrets.map(({ label }) => label).join(' and ')}`,
              isOAuth
                ? 'For an app whose secret was renewed in Close. Nobody has to sign in again.'
                : 'It is checked first. Nothing else has to be typed again.',
              <ChangeFields {...{ credential, method }} fields={secrets} onDone={close} />,
              failed && !isOAuth,
            )}
        {others.length > 0 &&
          row(
            others.length === 1 ? `Change the ${others[0]?.label}` : 'Change the connection',
            isOAuth
              ? 'Applies from the next sign-in.'
              : redirects
                ? 'Only what you change is replaced. To change where the secret is sent, enter the secret again.'
                : 'Only what you change is replaced. The secrets stay.',
            <ChangeFields {...{ credential, method }} fields={others} onDone={close} />,
          )}
        {otherMethod !== undefined && (
          <Change
            label={moreMethods.length === 0 ? `Switch to ${otherMethod.label}` : 'Switch the method'}
            text="Sign in another way, under the same id. You can undo it for an hour."
            onClick={onSwitch}
          />
        )}
      </ul>
    </section>
  )
}

interface ChangeProps {
  label: string
  /** What it does, and what it costs. */
  text: string
  /** This change repairs the credential. */
  urgent?: boolean
  busy?: boolean
  onClick(): void
  /** What stands under it. */
  panel?: ReactNode
  /** The button opens and closes that. */
  opened?: boolean
}

function Change({ label, text, urgent = false, busy = false, onClick, panel, opened }: ChangeProps) {
  const textId = useId()
  const button = useRef<HTMLButtonElement>(null)
  const below = useRef<HTMLDivElement>(null)
  const wasOpened = useRef(opened)
  useEffect(() => {
    if (opened === true && wasOpened.current === false) {
      below.current?.querySelector<HTMLElement>('input, textarea')?.focus()
    }
    // The focused element is gone: the focus returns to where the change began.
    if (opened === false && wasOpened.current === true) button.current?.focus()
    wasOpened.current = opened
  }, [opened])
  return (
    <li>
      <div className={classes['change']}>
        <Text id={textId}>{text}</Text>
        <BusyButton
          ref={button}
          variant={urgent ? 'filled' : 'default'}
          busy={busy}
          aria-describedby={textId}
          aria-expanded={opened}
          onClick={onClick}
        >
          {label}
        </BusyButton>
      </div>
      {opened !== false && panel !== undefined && (
        <div ref={below} className={classes['opened']}>
          {panel}
        </div>
      )}
    </li>
  )
}
