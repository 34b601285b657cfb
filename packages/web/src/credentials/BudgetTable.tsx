import type { BudgetConsumer, CredentialBudget } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { formatCount } from '../ui/number-words.ts'
import { seriesColour } from '../ui/theme.ts'
import { timeOfDay } from '../ui/time-words.ts'
import classes from './budget.module.css'
import { whoOf } from './budget.ts'
import { UserLink } from './CredentialUsage.tsx'

/** Who sent the requests of a chart, and by which colour each is found in it. */
export function BudgetUsers({ consumers }: { consumers: readonly BudgetConsumer[] }) {
  return (
    <table className={classes['table']} aria-label="Who sent them">
      <thead>
        <tr>
          <th scope="col">Who</th>
          <th scope="col">Requests</th>
          <th scope="col">Waited</th>
          <th scope="col">Told to wait</th>
        </tr>
      </thead>
      <tbody>
        {consumers.map((consumer, index) => (
          <tr key={`${consumer.kind} ${consumer.id}`}>
            <th scope="row">
              <span className={classes['swatch']} style={{ background: seriesColour(index) }} aria-hidden />
              <Who consumer={consumer} />
            </th>
            <td>{formatCount(consumer.requests)}</td>
            <td>{formatCount(consumer.waited)}</td>
            <td data-put-off={consumer.putOff > 0}>{formatCount(consumer.putOff)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Who({ consumer }: { consumer: BudgetConsumer }) {
  const { kind, id, name } = consumer
  if (id !== null && name !== null) return <UserLink kind={kind} id={id} name={name} />
  return (
    <span>
      {whoOf(consumer)}
      {kind === 'others' && (
        <Text span inherit c="dimmed">
          , which you may not see or which are gone
        </Text>
      )}
    </span>
  )
}

/** The chart in numbers, the newest first, without what was quiet. */
export function BudgetTable({ budget: { by, spans, consumers } }: { budget: CredentialBudget }) {
  const busy = spans.filter(({ requests, putOff }) => requests + putOff > 0).reverse()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} aria-label={`Requests by the ${by}`} tabIndex={0}>
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Requests</th>
            <th scope="col">Told to wait</th>
            {consumers.map((consumer) => (
              <th key={`${consumer.kind} ${consumer.id}`} scope="col">
                <bdi>{whoOf(consumer)}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map(({ at, requests, putOff, byConsumer }) => (
            <tr key={at}>
              <th scope="row">
                <time dateTime={at}>{timeOfDay(Date.parse(at))}</time>
              </th>
              <td>{formatCount(requests)}</td>
              <td>{formatCount(putOff)}</td>
              {consumers.map((consumer, index) => (
                <td key={`${consumer.kind} ${consumer.id}`}>{formatCount(byConsumer[index] ?? 0)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
