import type { ConnectorDefinition } from '@latchwork/contract'
import { CloseButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type ReactNode, useRef } from 'react'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { PageHeader } from '../ui/PageHeader.tsx'
import type { Names } from './create.ts'
import { isDirty } from './draft.ts'
import { LeaveGuard } from './LeaveGuard.tsx'
import type { Place } from './path.ts'
import { useNames } from './useNames.ts'
import { useWizard, type WizardState } from './useWizard.ts'
import { Wizard } from './Wizard.tsx'
import { WizardFooter } from './WizardFooter.tsx'

interface Finish {
  wizard: WizardState
  names: Names
  connectors: readonly ConnectorDefinition[]
  /** To be called when everything is saved: from then on nothing is lost by leaving. */
  finished(): void
}

interface WizardPageProps {
  title: string
  parts: readonly Place['part'][]
  /** Where this tab keeps the draft. */
  storageKey: string
  closeTo: '/flows' | '/sources' | '/destinations'
  /** The buttons of the last step. */
  finish(state: Finish): ReactNode
}

/** The page around a wizard: title, close, the steps, and the way back and on. */
export function WizardPage(props: WizardPageProps) {
  const { data, error, refetch } = useQuery(connectorsQuery)
  if (error !== null) {
    return (
      <>
        <PageHeader title={props.title} />
        <ErrorState error={error} onRetry={() => void refetch()} />
      </>
    )
  }
  if (data === undefined) {
    return (
      <>
        <PageHeader title={props.title} />
        <ListSkeleton label={`Loading ${props.title}`} rows={3} rowHeight={120} />
      </>
    )
  }
  return <Loaded {...props} connectors={data} />
}

function Loaded(props: WizardPageProps & { connectors: readonly ConnectorDefinition[] }) {
  const { title, parts, storageKey, closeTo, finish, connectors } = props
  const wizard = useWizard(parts, storageKey, connectors)
  const names = useNames(wizard.draft, connectors)
  const navigate = useNavigate()
  // A ref, since leaving follows at once and must not be asked about.
  const isFinished = useRef(false)
  const finished = () => {
    isFinished.current = true
    wizard.forget()
  }
  return (
    <>
      <PageHeader
        title={title}
        actions={<CloseButton aria-label="Close the wizard" onClick={() => void navigate({ to: closeTo })} />}
      />
      <Wizard wizard={wizard} parts={parts} connectors={connectors} names={names} />
      <WizardFooter wizard={wizard} finish={finish({ wizard, names, connectors, finished })} />
      <LeaveGuard isActive={() => isDirty(wizard.draft) && !isFinished.current} onDiscard={wizard.forget} />
    </>
  )
}
