import type { ReactNode } from 'react'
import classes from './Details.module.css'

interface DetailsProps {
  /** For a drawer: narrower, the names dimmed. */
  compact?: boolean
  children: ReactNode
}

/** Names and values, one a line. */
export function Details({ compact = false, children }: DetailsProps) {
  return <dl className={classes[compact ? 'compact' : 'wide']}>{children}</dl>
}

interface DetailProps {
  name: string
  /** Small, under the name. */
  help?: string
  /** Small, under the value. */
  second?: ReactNode
  children: ReactNode
}

export function Detail({ name, help, second, children }: DetailProps) {
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
