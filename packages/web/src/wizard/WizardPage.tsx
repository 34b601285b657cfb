import type { ConnectorDefinition } from '@latchwork/contract'
import { Button, CloseButton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useBlocker, useNavigate } from '@tanstack/react-router'
import { type ReactNode, useRef } from 'react'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { useHasNoCredential } from '../credentials/FirstCredential.tsx'
import { forgetTyped } from '../credentials/typed.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import type { Names } from './create.ts'
import { isDirty } from './draft.ts'
import { connectorOf, type Place } from './path.ts'
import { useNames } from './useChosen.ts'
import { useWizard, type WizardState } from './useWizard.ts'
import { Wizard } from './Wizard.tsx'
import classes from './WizardFooter.module.css'

interface Finish {
  wizard: WizardState
  names: Names
  connectors: readonly ConnectorDefinition[]
  /** Call it when everything is saved, then replace this page: from then on leaving loses nothing. */
  finished(): Promise<void>
}

interface WizardPageProps {
  title: string
  parts: readonly Place['part'][]
  /** The storage key of this tab's draft. */
  storageKey: string
  closeTo: '/flows' | '/sources' | '/destinations'
  /** The buttons of the last step. */
  finish(state: Finish): ReactNode
}

/** The page around a wizard: title, close, the steps, and the way back and on. */
export function WizardPage(props: WizardPageProps) {
  const connectors = useQuery(connectorsQuery)
  if (connectors.data === undefined) {
    return (
      <>
        <PageHeader title={props.title} />
        <Pending query={connectors} what="the connectors" rows={3} rowHeight={120} />
      </>
    )
  }
  return <Loaded {...props} connectors={connectors.data} />
}

function Loaded(props: WizardPageProps & { connectors: readonly ConnectorDefinition[] }) {
  const { title, parts, storageKey, closeTo, finish, connectors } = props
  const wizard = useWizard(parts, storageKey, connectors)
  const names = useNames(wizard.draft, connectors)
  const { place, draft } = wizard
  const connector = place.part === 'flow' ? undefined : connectorOf(draft[place.part], connectors)
  const asked = place.step === 'authenticate' ? (connector?.id ?? null) : null
  const isFirstCredential = useHasNoCredential(asked)
  const navigate = useNavigate()
  // A ref, since leaving follows at once and must not be asked about.
  const isFinished = useRef(false)
  const finished = () => {
    isFinished.current = true
    wizard.forget()
    return wizard.goToStart()
  }
  return (
    <>
      <PageHeader
        title={title}
        actions={<CloseButton aria-label="Close the wizard" onClick={() => void navigate({ to: closeTo })} />}
      />
      <Wizard {...{ wizard, parts, connectors, names, isFirstCredential }} />
      {!isFirstCredential && (
        <WizardFooter wizard={wizard} finish={finish({ wizard, names, connectors, finished })} />
      )}
      <LeaveGuard
        isActive={() => isDirty(draft) && !isFinished.current}
        onDiscard={() => {
          wizard.forget()
          if (connector !== undefined) forgetTyped(connector)
        }}
      />
    </>
  )
}

interface WizardFooterProps {
  wizard: WizardState
  /** What stands in the place of Next on the last step. */
  finish: ReactNode
}

/** Back, Next, and why Next can't be used yet. Stays in view. */
function WizardFooter({ wizard, finish }: WizardFooterProps) {
  const { previous, missing, isLast } = wizard
  return (
    <footer className={classes['footer']}>
      <Text size="sm" c="dimmed" className={classes['reason'] ?? ''} role="status">
        {missing}
      </Text>
      <Button variant="default" disabled={previous === undefined} onClick={wizard.back}>
        Back
      </Button>
      {isLast ? (
        finish
      ) : (
        <Button disabled={missing !== null} onClick={() => wizard.goAfter(wizard.draft)}>
          Next
        </Button>
      )}
    </footer>
  )
}

interface LeaveGuardProps {
  /** Something would be lost. */
  isActive(): boolean
  onDiscard(): void
}

/** Asks once before a half-finished wizard is left for another page. A reload and Close's own page lose nothing. */
function LeaveGuard({ isActive, onDiscard }: LeaveGuardProps) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => current.pathname !== next.pathname && isActive(),
    enableBeforeUnload: false,
    withResolver: true,
  })
  return (
    <ConfirmDialog
      opened={blocker.status === 'blocked'}
      title="Leave without finishing?"
      confirmLabel="Discard and leave"
      cancelLabel="Stay here"
      danger
      onCancel={() => blocker.reset?.()}
      onConfirm={() => {
        onDiscard()
        blocker.proceed?.()
      }}
    >
      What you chose and typed here hasn't been saved and would be lost. Credentials that you saved stay.
    </ConfirmDialog>
  )
}
