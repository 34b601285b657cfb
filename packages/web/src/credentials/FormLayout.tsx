import type { ConnectorDefinition } from '@latchwork/contract'
import { Button, Stack } from '@mantine/core'
import { type ReactNode, type Ref, useId, useState } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import { focusFirstFault } from '../ui/first-fault.ts'
import { GuidePanel } from './Guide.tsx'
import { MethodPart } from './MethodPart.tsx'
import classes from './overlay.module.css'
import { testObstacle } from './save-obstacle.ts'
import type { CredentialForm } from './useCredentialForm.ts'
import type { ProofState } from './useProof.ts'

interface FormLayoutProps {
  connector: ConnectorDefinition
  form: CredentialForm
  proof: ProofState
  narrow: boolean
  ref?: Ref<HTMLFormElement>
  /** What the primary button is called. */
  label: string
  /** Why that can't work yet. */
  obstacle: string | null
  isSaving: boolean
  /** For a credential that is saved. */
  replacing?: boolean
  /** Part of a page, where Cancel is Back; otherwise it fills a dialog. */
  inline?: boolean
  /** Begins with the focus in the method's first field. */
  focusFirst?: boolean
  /** Above the method's fields. */
  above: ReactNode
  /** Between the method's fields and the proof. */
  between?: ReactNode
  /** `leaveGuide`: the field in focus is none that the guide speaks of. */
  below?(leaveGuide: () => void): ReactNode
  onCancel(): void
  onSubmit(): void
}

/** The form of a method: fields at the left, the guide at the right; Cancel, Test and the primary button always in view. */
export function FormLayout(props: FormLayoutProps) {
  const { connector, form, proof, narrow, obstacle, isSaving, replacing = false, inline = false } = props
  const { method } = form
  /** The step of a method's guide that speaks of the field in focus. */
  const [marked, setMarked] = useState<{ method: string; step: number | null } | null>(null)
  const step = marked?.method === method.id ? marked.step : null
  const setStep = (next: number | null) => setMarked({ method: method.id, step: next })
  const obstacleId = useId()
  // One button is the next thing to do.
  const mustAuthorize = method.flow === 'oauth2' && proof.authorized === null
  return (
    <form
      ref={props.ref}
      onSubmit={(event) => {
        event.preventDefault()
        if (isSaving) return
        if (obstacle === null) return props.onSubmit()
        form.leave()
        focusFirstFault(event.currentTarget)
      }}
      onBlur={({ currentTarget, relatedTarget }) => {
        // Nowhere is no other place: the key is being copied in another window.
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) form.leave()
      }}
      noValidate
      autoComplete="off"
      className={classes['form']}
      data-inline={inline}
      data-narrow={narrow}
    >
      <div className={classes['columns']}>
        <div className={classes['fields']}>
          <Stack gap="md">
            {props.above}
            <MethodPart
              {...{ connector, form, proof, narrow, step, replacing }}
              focusFirst={props.focusFirst === true}
              onStep={setStep}
            >
              {props.between}
            </MethodPart>
            {props.below?.(() => setStep(null))}
          </Stack>
        </div>
        {!narrow && <GuidePanel guide={method.guide} step={step} />}
      </div>
      <div className={classes['footer']}>
        <p id={obstacleId} className={classes['obstacle']}>
          {obstacle}
        </p>
        <Button
          {...(inline ? { variant: 'default' } : { variant: 'subtle', color: 'gray' })}
          onClick={props.onCancel}
        >
          {inline ? 'Back' : 'Cancel'}
        </Button>
        {method.flow === 'direct' && <TestButton form={form} check={proof.check} isSaving={isSaving} />}
        <BusyButton
          type="submit"
          variant={mustAuthorize ? 'default' : 'filled'}
          busy={isSaving}
          aria-disabled={obstacle !== null}
          data-disabled={obstacle !== null}
          aria-describedby={obstacleId}
        >
          {props.label}
        </BusyButton>
      </div>
    </form>
  )
}

type TestButtonProps = Pick<FormLayoutProps, 'form' | 'isSaving'> & Pick<ProofState, 'check'>

function TestButton({ form, check, isSaving }: TestButtonProps) {
  const obstacle = testObstacle(form)
  return (
    <BusyButton
      variant="default"
      busy={check.outcome === 'checking' && !isSaving}
      aria-disabled={obstacle !== null}
      data-disabled={obstacle !== null}
      onClick={() => obstacle === null && void check.check()}
    >
      Test
    </BusyButton>
  )
}
