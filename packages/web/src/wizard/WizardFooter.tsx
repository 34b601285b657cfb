import { Button, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { WizardState } from './useWizard.ts'
import classes from './WizardFooter.module.css'

interface WizardFooterProps {
  wizard: WizardState
  /** What stands in the place of Next on the last step. */
  finish: ReactNode
}

/** Back, Next, and why Next can't be used yet. Stays in view. */
export function WizardFooter({ wizard, finish }: WizardFooterProps) {
  const { previous, missing, isLast } = wizard
  return (
    <footer className={classes['footer']}>
      <Text size="sm" c="dimmed" className={classes['reason'] ?? ''} role="status">
        {missing}
      </Text>
      <Button
        variant="default"
        disabled={previous === undefined}
        onClick={() => {
          if (previous !== undefined) wizard.go(previous)
        }}
      >
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
