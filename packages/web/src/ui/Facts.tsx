import type { ReactNode } from 'react'
import classes from './Facts.module.css'

/** Names and values, one a line. */
export function Facts({ children }: { children: ReactNode }) {
  return <dl className={classes['facts']}>{children}</dl>
}

export function Fact({ name, help, children }: { name: string; help?: string; children: ReactNode }) {
  return (
    <div>
      <dt>
        {name}
        {help !== undefined && <span className={classes['help']}>{help}</span>}
      </dt>
      <dd>{children}</dd>
    </div>
  )
}
