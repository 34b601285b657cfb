import {
  type ConnectorDefinition,
  type FieldDefinition,
  type MethodDefinition,
  visibleFields,
} from '@latchwork/contract'
import { Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useId } from 'react'
import { settingsQuery } from '../api/catalogue-queries.ts'
import { CopyField } from '../ui/CopyButton.tsx'
import { DynamicFields } from '../ui/DynamicFields.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { AuthorizePart } from './AuthorizePart.tsx'
import { CheckLine } from './CheckLine.tsx'
import { stepOf } from './form-rules.ts'
import { GuideFold } from './Guide.tsx'
import classes from './method.module.css'
import { authorizeObstacle, testObstacle } from './save-obstacle.ts'
import type { CredentialForm } from './useCredentialForm.ts'
import type { ProofState } from './useProof.ts'

const redirectUriLabel = 'Redirect URI'

interface MethodPartProps {
  connector: ConnectorDefinition
  form: CredentialForm
  proof: ProofState
  /** One column: the guide is a fold above the fields that it speaks of. */
  narrow: boolean
  /** The guide's step that speaks of the field in focus. */
  step: number | null
  onStep(step: number | null): void
  /** The form begins with the focus in the first field. */
  focusFirst: boolean
  /** Between the fields and the proof. */
  children?: ReactNode
  /** For a credential that is saved. */
  replacing?: boolean
}

/** The fields of the method chosen, and the proof that they work: a check's answer, or Authorize. */
export function MethodPart(props: MethodPartProps) {
  const { connector, form, proof, narrow, step, onStep, focusFirst, children, replacing = false } = props
  const { method } = form
  const { check } = proof
  const leave = (field: FieldDefinition) => {
    form.leaveField(field.name)
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
        secretsSet={form.stored}
        focusFirst={focusFirst}
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

/** The address to register with the OAuth app, to the letter: comes first, because it is needed there before the rest. */
function RedirectUri({ onFocus }: { onFocus(): void }) {
  const { data, error } = useQuery(settingsQuery)
  return (
    <>
      <CopyField
        label={redirectUriLabel}
        description="Register this address with your OAuth app first, exactly as it stands here."
        value={data?.redirectUri ?? ''}
        what="the Redirect URI"
        onFocus={onFocus}
      />
      {error !== null && <ProblemAlert error={error} />}
    </>
  )
}

interface KeyNoteProps {
  value: string
  onChange(note: string): void
}

/** What tells a key apart in the other system once it is to be deleted there. */
export function KeyNote({ value, onChange }: KeyNoteProps) {
  return (
    <TextInput
      label="Note about this key"
      description="Its name in Close, or who made it and when. It helps you find the key there when you replace it."
      dir="auto"
      maxLength={200}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

interface MethodChoiceProps {
  methods: readonly MethodDefinition[]
  value: MethodDefinition
  onChange(method: MethodDefinition): void
}

/** How to authenticate: each way says how it works and what it is best for. */
export function MethodChoice({ methods, value, onChange }: MethodChoiceProps) {
  const id = useId()
  return (
    <fieldset className={classes['choice']}>
      <legend>Authentication Method</legend>
      <div className={classes['methods']}>
        {methods.map((method) => (
          <label key={method.id} className={classes['method']}>
            <input
              type="radio"
              name={id}
              value={method.id}
              checked={method.id === value.id}
              onChange={() => onChange(method)}
              aria-label={method.label}
              aria-describedby={`${id}-${method.id}`}
            />
            <span>
              <span className={classes['label']}>{method.label}</span>
              <Text component="span" size="xs" c="dimmed" id={`${id}-${method.id}`} display="block">
                {method.bestFor}
              </Text>
            </span>
          </label>
        ))}
      </div>
      <Text size="xs" c="dimmed" mt={8}>
        {value.summary}
      </Text>
    </fieldset>
  )
}
