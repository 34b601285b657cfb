import type { CheckResult, Problem } from '@latchwork/contract'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Notice, ProblemAlert } from '../app/ProblemAlert.tsx'
import { IdentityLine } from './IdentityLine.tsx'
import classes from './overlay.module.css'

interface CheckLineProps {
  connectorLabel: string
  outcome: 'checking' | { result: CheckResult } | { problem: Problem } | null
}

/** What a check of unsaved values found: whose account it is, or what is wrong. */
export function CheckLine({ connectorLabel, outcome }: CheckLineProps) {
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (outcome !== null) line.current?.scrollIntoView({ block: 'nearest' })
  }, [outcome])
  return (
    <div ref={line} role="status" className={classes['part']}>
      {outcome !== null && <Outcome connectorLabel={connectorLabel} outcome={outcome} />}
    </div>
  )
}

function Outcome({
  connectorLabel,
  outcome,
}: {
  connectorLabel: string
  outcome: NonNullable<CheckLineProps['outcome']>
}) {
  if (outcome === 'checking') {
    return (
      <div className={classes['line']}>
        <span className={classes['pulse']} aria-hidden />
        Asking {connectorLabel} whose account this is…
      </div>
    )
  }
  if ('problem' in outcome) return <ProblemAlert error={outcome.problem} />
  const { status, identity, reason } = outcome.result
  if (status === 'verified') {
    return (
      <div className={classes['line']}>
        <IconCircleCheckFilled size={16} className={classes['good']} aria-hidden />
        {identity === null ? `${connectorLabel} accepts it.` : <IdentityLine identity={identity} />}
      </div>
    )
  }
  if (status === 'failed') {
    return (
      <Notice tone="bad" message={reason?.message ?? `${connectorLabel} refused it.`} code={reason?.code} />
    )
  }
  return <Notice tone="warning" message={mayBeSaved(reason?.message, connectorLabel)} code={reason?.code} />
}

/** Adds that saving is possible now, unless the message says so itself. */
function mayBeSaved(message: string | undefined, connectorLabel: string): string {
  const what = message ?? `We couldn't reach ${connectorLabel}.`
  return what.includes('save now')
    ? what
    : `${what} You can save now; we'll verify it when ${connectorLabel} answers.`
}
