import { type ConnectorDefinition, listsRefusal } from '@latchwork/contract'
import { Paper, Stack, Title } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { CredentialTiles } from '../credentials/CredentialTiles.tsx'
import { FirstCredential } from '../credentials/FirstCredential.tsx'
import { fieldFaults } from '../sides/config.ts'
import type { SideKind } from '../sides/queries.ts'
import { sideWords } from '../sides/words.ts'
import { focusFirstFault } from '../ui/first-fault.ts'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { ConfigureStep } from './ConfigureStep.tsx'
import type { Names } from './create.ts'
import { choosesStreams, toSave } from './draft.ts'
import { FlowStep } from './FlowStep.tsx'
import { PartLine, type PartView } from './PartLine.tsx'
import { connectorOf, type Place, type Step, steps } from './path.ts'
import { SelectStep } from './SelectStep.tsx'
import { StepLine } from './StepLine.tsx'
import { sampledSource, useSampleSource } from './useChosen.ts'
import type { WizardState } from './useWizard.ts'

interface WizardProps {
  wizard: WizardState
  parts: readonly Place['part'][]
  connectors: readonly ConnectorDefinition[]
  names: Names
  /** Authenticate has no credential to choose: it is the form itself. */
  isFirstCredential: boolean
}

/** The wizard's body: where one is, and the step itself. */
export function Wizard(props: WizardProps) {
  const { wizard, parts, connectors, names } = props
  const { place, places, draft } = wizard
  const body = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  const address = `${place.part} ${place.step}`
  const { refusal } = wizard
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new step and a refusal are the occasions, not inputs
  useEffect(() => {
    // One goes on at the top of the step, or at the field that was refused.
    if (!isFirst.current) {
      body.current?.focus({ preventScroll: true })
      window.scrollTo({ top: 0 })
      body.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
      if (refusal !== null) focusFirstFault(body.current)
    }
    isFirst.current = false
  }, [address, refusal])

  const done = (part: Place['part']) => places.findIndex((candidate) => candidate.part === part)
  const here = places.findIndex((candidate) => candidate.part === place.part)
  const views = parts.map((part): PartView => {
    const side = part === 'flow' ? null : draft[part]
    const started = side !== null && side.connector !== null
    const target = places.findLast((candidate) => candidate.part === part)
    return {
      part,
      connector: side?.connector ?? null,
      name:
        part === 'flow' ? (place.part === 'flow' ? names.flow : draft.name) : started ? names[part] : null,
      target: done(part) < here ? (target ?? null) : null,
    }
  })

  return (
    <Stack gap="md">
      {parts.length > 1 && <PartLine parts={views} current={place.part} onGo={wizard.go} />}
      <Paper p={{ base: 'md', sm: 'xl' }} style={{ border: '1px solid var(--hairline)' }}>
        <Stack gap="xl">
          {place.part !== 'flow' && <Steps wizard={wizard} kind={place.part} connectors={connectors} />}
          <section ref={body} tabIndex={-1} style={{ outline: 'none' }} aria-label="Current step">
            <Stack gap="lg">
              {wizard.refusal !== null && <ProblemAlert error={wizard.refusal} />}
              <CurrentStep {...props} />
            </Stack>
          </section>
        </Stack>
      </Paper>
    </Stack>
  )
}

function Steps({
  wizard,
  kind,
  connectors,
}: {
  wizard: WizardState
  kind: SideKind
  connectors: readonly ConnectorDefinition[]
}) {
  const { place, places, draft } = wizard
  const find = (step: Step) => places.find((candidate) => candidate.part === kind && candidate.step === step)
  const currentIndex = steps.indexOf(place.step)
  const needsCredential = connectorOf(draft[kind], connectors)?.methods.length !== 0
  return (
    <StepLine
      current={place.step}
      steps={steps.map((step, index) => ({
        step,
        needed: step !== 'authenticate' || needsCredential,
        reachable: find(step) !== undefined && index < currentIndex,
      }))}
      onGo={(step) => {
        const target = find(step)
        if (target !== undefined) wizard.go(target)
      }}
    />
  )
}

function CurrentStep({ wizard, parts, connectors, names, isFirstCredential }: WizardProps) {
  const { place, draft } = wizard
  const sampleSource = useSampleSource(draft.source, connectors)
  const writer = connectorOf(draft.destination, connectors)
  if (place.part === 'flow') {
    return (
      <FlowStep
        draft={draft}
        suggestedName={names.flow}
        toSave={toSave(draft, connectors)}
        faults={wizard.refusal === null ? {} : fieldFaults(wizard.refusal)}
        destination={writer}
        onChange={wizard.changeFlow}
      />
    )
  }
  const kind = place.part
  const side = draft[kind]
  const connector = connectorOf(side, connectors)
  const change = wizard.sideChanger(kind)
  if (place.step === 'select' || connector === undefined) {
    return (
      <SelectStep
        kind={kind}
        side={side}
        connectors={connectors}
        mayReuse={parts.length > 1}
        onChange={change}
        onGo={(next) => wizard.goAfter({ ...draft, [kind]: next })}
      />
    )
  }
  if (place.step === 'authenticate') {
    const choose = (credentialId: string) => change((current) => ({ ...current, credentialId }))
    const go = (credentialId: string) => wizard.goAfter({ ...draft, [kind]: { ...side, credentialId } })
    return (
      <Stack gap="lg">
        <Title order={2} size="h4">
          {isFirstCredential
            ? `Add a credential for ${connector.label}`
            : sideWords[kind].authenticateTitle(connector.label)}
        </Title>
        {isFirstCredential ? (
          <FirstCredential
            connector={connector}
            onBack={wizard.back}
            onSaved={({ id }) => {
              choose(id)
              go(id)
            }}
          />
        ) : (
          <CredentialTiles connector={connector} value={side.credentialId} onChange={choose} onGo={go} />
        )}
      </Stack>
    )
  }
  return (
    <ConfigureStep
      kind={kind}
      side={side}
      connector={connector}
      suggestedName={names[kind]}
      sampleSource={parts.includes('source') ? sampledSource(sampleSource, draft, connectors) : null}
      choosing={
        kind === 'source' && parts.includes('flow') && choosesStreams(draft, connectors)
          ? {
              source: sampleSource,
              value: draft.streams,
              listsRefusal: writer === undefined ? null : listsRefusal(writer),
              onChange: (streams) => wizard.changeFlow({ streams }),
            }
          : null
      }
      refusal={wizard.refusal}
      onChange={change}
    />
  )
}
