import type { ConnectorDefinition, Flow } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { Notice } from '../ui/ProblemAlert.tsx'
import classes from './Overlaps.module.css'
import { lackingQuery } from './warning-queries.ts'

/** Warns of what a flow names and its accounts do not have: its runs stop there. */
export function LackingNotice({ flow }: { flow: Flow }) {
  const { data: connectors } = useQuery(connectorsQuery)
  const { data } = useQuery({
    ...lackingQuery(flow),
    enabled: connectors !== undefined && namesSomething(flow, connectors),
  })
  if (data === undefined || data.items.length === 0) return null
  return (
    <Notice
      tone="warning"
      message="This flow names what its account does not have. Its runs stop there until you choose again."
    >
      <ul className={classes['flows']}>
        {data.items.map(({ side, message }) => (
          <li key={side + message}>
            <bdi>{message}</bdi>
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** Whether an account can lack something of it, so that it is worth being asked. */
function namesSomething({ streams, destination }: Flow, connectors: readonly ConnectorDefinition[]): boolean {
  const fields = connectors.find(({ id }) => id === destination.connector)?.destination?.fields ?? []
  return streams?.everything === false || fields.some(({ kind }) => kind === 'mapping')
}
