import { VisuallyHidden } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './change.module.css'

const steps = [
  { id: 'paste', title: 'Paste the new key', done: 'The new key was checked and is in use' },
  { id: 'wait', title: 'Wait for the old key’s last use', done: 'The old key’s last use is past' },
  { id: 'delete', title: 'Delete the old key in Close', done: 'The old key is gone' },
] as const
export type RotationStep = (typeof steps)[number]['id'] | 'done'

interface RotationStepsProps {
  current: RotationStep
  /** What there is to do now. */
  children: ReactNode
  /** What is worth knowing of a step that is done. */
  details?: Partial<Record<RotationStep, ReactNode>>
}

/** A rotation from the new key to the end of the old one: what is done, what to do now, and what comes. */
export function RotationSteps({ current, children, details = {} }: RotationStepsProps) {
  const at = current === 'done' ? steps.length : steps.findIndex(({ id }) => id === current)
  return (
    <ol className={classes['steps']}>
      {steps.map(({ id, title, done }, index) => {
        const state = index < at ? 'done' : index === at ? 'current' : 'ahead'
        return (
          <li key={id} data-state={state} aria-current={state === 'current' ? 'step' : undefined}>
            <span className={classes['mark']} aria-hidden>
              {state === 'done' ? <IconCheck size={14} stroke={2.5} /> : index + 1}
            </span>
            <div className={classes['step']}>
              <p className={classes['stepTitle']}>
                {state === 'done' && <VisuallyHidden>Done: </VisuallyHidden>}
                {state === 'done' ? done : title}
              </p>
              {state === 'done' && details[id] !== undefined && (
                <div className={classes['detail']}>{details[id]}</div>
              )}
              {state === 'current' && <div className={classes['now']}>{children}</div>}
            </div>
          </li>
        )
      })}
    </ol>
  )
}
