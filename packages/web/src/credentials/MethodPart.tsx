import { type ConnectorDefinition, type FieldDefinition, visibleFields } from '@latchwork/contract'
import type { ReactNode } from 'react'
import { DynamicFields } from '../app/DynamicFields.tsx'
import { AuthorizePart } from './AuthorizePart.tsx'
import { CheckLine } from './CheckLine.tsx'
import { GuideFold } from './Guide.tsx'
import { stepOf } from './guide-step.ts'
import { RedirectUri, redirectUriLabel } from './RedirectUri.tsx'
import { authorizeObstacle, testObstacle } from './save-obstacle.ts'
import type { CredentialForm } from './useCredentialForm.ts'
import type { ProofState } from './useProof.ts'

interface MethodPartProps {
  connector: ConnectorDefinition
  form: CredentialForm
  proof: ProofState
  /** One column: the guide is a fold above the fields that it speaks of. */
  narrow: boolean
  /** The guide's step that speaks of the field in focus. */
  step: number | null
  onStep(step: number | null): void
  /** Between the fields and the proof. */
  children?: ReactNode
  /** For a credential that is saved. */
  replacing?: boolean
}

/** The fields of the method chosen, and the proof that they work: a check's answer, or Authorize. */
export function MethodPart(props: MethodPartProps) {
  const { connector, form, proof, narrow, step, onStep, children, replacing = false } = props
  const { method } = form
  const { check } = proof
  const leave = (field: FieldDefinition) => {
    form.leave(field.name)
    // A method of a single field is complete once that is filled in: its check needs no further click.
    if (
      method.flow === 'direct' &&
      method.fields.length === 1 &&
      testObstacle(form) === null &&
      check.outcome === null
    ) {
      void check.check()
    }
  }
  return (
    <>
      {narrow && <GuideFold guide={method.guide} step={step} />}
      {method.flow === 'oauth2' && (
        <RedirectUri onFocus={() => onStep(stepOf(method.guide, redirectUriLabel, undefined))} />
      )}
      <DynamicFields
        fields={visibleFields(method.fields, form.values)}
        values={form.values}
        errors={form.shownFaults}
        secretsSet={form.kept}
        onChange={form.setValue}
        onBlur={leave}
        onFocus={(field) => onStep(stepOf(method.guide, field.label, field.guideStep))}
      />
      {children}
      {method.flow === 'oauth2' ? (
        <AuthorizePart
          connectorLabel={connector.label}
          authorization={proof.authorization}
          authorized={proof.authorized}
          obstacle={authorizeObstacle(form)}
          onAuthorize={proof.authorize}
        />
      ) : (
        <CheckLine connectorLabel={connector.label} outcome={check.outcome} replacing={replacing} />
      )}
    </>
  )
}
