import type { ReactNode } from 'react'
import classes from './Facts.module.css'

interface FactsProps {
  /** For a drawer: narrower, the names dimmed. */
  compact?: boolean
  children: ReactNode
}

/** Names and values, one a line. */
export function Facts({ compact = false, children }: FactsProps) {
  return <dl className={classes[compact ? 'compact' : 'facts']}>{children}</dl>
}

interface FactProps {
  name: string
  /** Small, under the name. */
  help?: string
  /** Small, under the value. */
  second?: ReactNode
  children: ReactNode
}

export function Fact({ name, help, second, children }: FactProps) {
  return (
    <div>
      <dt>
        {name}
        {help !== undefined && <span className={classes['small']}>{help}</span>}
      </dt>
      <dd>
        {children}
        {second !== undefined && <span className={classes['small']}>{second}</span>}
      </dd>
    </div>
  )
}
