import type { CheckResult, Problem } from '@latchwork/contract'
import { IconCircleCheckFilled } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { IdentityLine } from './AccountChange.tsx'
import classes from './overlay.module.css'

interface CheckLineProps {
  connectorLabel: string
  outcome: 'checking' | { result: CheckResult } | { problem: Problem } | null
  /** For a saved credential: the account is compared with the present one elsewhere, and nothing is saved without proof. */
  replacing?: boolean
}

/** What a check of unsaved values found: whose account it is, or what is wrong. */
export function CheckLine({ connectorLabel, outcome, replacing = false }: CheckLineProps) {
  const line = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (outcome !== null) line.current?.scrollIntoView({ block: 'nearest' })
  }, [outcome])
  return (
    <div ref={line} role="status" className={classes['part']}>
      {outcome !== null && !(replacing && isVerified(outcome)) && (
        <Outcome connectorLabel={connectorLabel} outcome={outcome} replacing={replacing} />
      )}
    </div>
  )
}

interface OutcomeProps extends CheckLineProps {
  outcome: NonNullable<CheckLineProps['outcome']>
}

function isVerified(outcome: NonNullable<CheckLineProps['outcome']>): boolean {
  return outcome !== 'checking' && 'result' in outcome && outcome.result.status === 'verified'
}

function Outcome({ connectorLabel, outcome, replacing }: OutcomeProps) {
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
  const next = replacing
    ? 'Nothing was changed. Try again in a minute.'
    : `You can save now; we'll verify it when ${connectorLabel} answers.`
  return (
    <Notice
      tone="warning"
      message={`${reason?.message ?? `We couldn't reach ${connectorLabel}.`} ${next}`}
      code={reason?.code}
    />
  )
}
