import { type Identity, isOtherAccount } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheckFilled } from '@tabler/icons-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import classes from './change.module.css'
import { type Comparison, compareIdentities } from './outcome.ts'

interface AccountChangeProps {
  /** Null where it never was known. */
  before: Identity | null
  after: Identity
  /** How another account is confirmed; drawn only where it is one. */
  children?: ReactNode
}

/** Whom a credential acts for and would act for from now on, both by name. */
export function AccountChange({ before, after, children }: AccountChangeProps) {
  const comparison = compareIdentities(before, after)
  const box = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer is to be seen in its turn
  useEffect(() => {
    box.current?.scrollIntoView({ block: 'nearest' })
  }, [after.organizationId, after.userId])
  const isOther = isOtherAccount(before, after)
  const Icon = comparison === 'same' || comparison === 'unknown' ? IconCircleCheckFilled : IconAlertTriangle
  return (
    <div
      ref={box}
      role={isOther ? 'alert' : 'status'}
      className={classes['account']}
      data-comparison={comparison}
    >
      <Icon size={16} aria-hidden className={classes['icon']} />
      <div>
        <Text fw={500}>{sentence(comparison, before, after)}</Text>
        <dl className={classes['accounts']}>
          {before !== null && (
            <>
              <dt>Until now</dt>
              <dd>
                <IdentityLine identity={before} />
              </dd>
            </>
          )}
          <dt>From now on</dt>
          <dd>
            <IdentityLine identity={after} />
          </dd>
        </dl>
        {isOther && children}
      </div>
    </div>
  )
}

function sentence(comparison: Comparison, before: Identity | null, after: Identity): ReactNode {
  switch (comparison) {
    case 'same':
      return 'The same account. Nothing changes for what uses it.'
    case 'other_user':
      return 'The same organization, but another user: what may be read and written can differ.'
    case 'other_organization':
      return (
        <>
          Another account. What uses this credential would read and write the data of{' '}
          <bdi>{after.organizationName}</bdi>, and no longer that of <bdi>{before?.organizationName}</bdi>.
        </>
      )
    case 'unknown':
      return 'It works. This is the account it acts for.'
  }
}

/** Whom a credential acts for: "Acme Rocketry · ops@acme.example". */
export function IdentityLine({ identity }: { identity: Identity }) {
  const who = identity.userEmail === '' ? identity.userName : identity.userEmail
  return (
    <span>
      <strong dir="auto">{identity.organizationName}</strong> · <bdi>{who}</bdi>
    </span>
  )
}

interface OtherAccountProps {
  busy?: boolean
  onUse(): void
  onKeep(): void
}

/** The two answers to another account. */
export function OtherAccount({ busy = false, onUse, onKeep }: OtherAccountProps) {
  return (
    <Group gap="sm" mt="sm">
      <BusyButton color="red.8" busy={busy} onClick={onUse}>
        Use the other account
      </BusyButton>
      <Button variant="default" onClick={onKeep}>
        Keep it as it is
      </Button>
    </Group>
  )
}
