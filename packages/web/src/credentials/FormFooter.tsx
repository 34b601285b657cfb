import { Button } from '@mantine/core'
import { useId } from 'react'
import classes from './overlay.module.css'

interface FormFooterProps {
  /** What the primary button is called. */
  deed?: string
  /** Why that can't work yet. */
  obstacle: string | null
  isSaving: boolean
  test: { obstacle: string | null; isTesting: boolean; run(): void } | null
  onCancel(): void
}

/** Cancel, Test and Save, always in view; what Save still waits for stands beside it. */
export function FormFooter({ deed = 'Save', obstacle, isSaving, test, onCancel }: FormFooterProps) {
  const obstacleId = useId()
  return (
    <div className={classes['footer']}>
      <p id={obstacleId} className={classes['obstacle']}>
        {obstacle}
      </p>
      <Button variant="subtle" color="gray" onClick={onCancel}>
        Cancel
      </Button>
      {test !== null && (
        <Button
          variant="default"
          loading={test.isTesting && !isSaving}
          aria-disabled={test.obstacle !== null}
          data-disabled={test.obstacle !== null}
          onClick={() => test.obstacle === null && test.run()}
        >
          Test
        </Button>
      )}
      <Button
        type="submit"
        loading={isSaving}
        aria-disabled={obstacle !== null}
        data-disabled={obstacle !== null}
        aria-describedby={obstacleId}
      >
        {deed}
      </Button>
    </div>
  )
}
