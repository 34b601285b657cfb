import { IconCheck } from '@tabler/icons-react'
import type { Step } from './path.ts'
import classes from './StepLine.module.css'

const labels: Record<Step, string> = {
  select: 'Select',
  authenticate: 'Authenticate',
  configure: 'Configure',
}

interface StepLineProps {
  current: Step
  /** Steps in order; one that doesn't apply is shown as not needed. */
  steps: readonly { step: Step; needed: boolean; reachable: boolean }[]
  onGo(step: Step): void
}

/** 1 Select, 2 Authenticate, 3 Configure: where the person is, and the way back to what is done. */
export function StepLine({ current, steps, onGo }: StepLineProps) {
  const currentIndex = steps.findIndex(({ step }) => step === current)
  return (
    <ol className={classes['line']} aria-label="Steps">
      {steps.map(({ step, needed, reachable }, index) => {
        const state = index === currentIndex ? 'current' : index < currentIndex ? 'done' : 'ahead'
        const content = (
          <>
            <span className={classes['mark']} aria-hidden>
              {state === 'done' && needed ? <IconCheck size={14} stroke={2.5} /> : index + 1}
            </span>
            <span className={classes['label']}>
              {labels[step]}
              {!needed && <span className={classes['note']}> not needed</span>}
            </span>
          </>
        )
        return (
          <li
            key={step}
            className={classes['step']}
            data-state={needed ? state : 'skipped'}
            aria-current={state === 'current' ? 'step' : undefined}
          >
            {state !== 'current' && needed && reachable ? (
              <button type="button" className={classes['button']} onClick={() => onGo(step)}>
                {content}
              </button>
            ) : (
              <span className={classes['button']}>{content}</span>
            )}
          </li>
        )
      })}
    </ol>
  )
}
