import type { Pass } from '@latchwork/contract'
import { Group, Skeleton, Text, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { Bars } from '../ui/Bars.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { chartBars, countWords, sumOf } from './hours.ts'
import classes from './passes.module.css'
import { chartDays, passCountsQuery } from './queries.ts'

const dayMs = 86_400_000
const weekday = new Intl.DateTimeFormat('en', { weekday: 'short' })

/** The calls of the last days, hour by hour; on a phone four hours at a time. */
export function CallChart({ pass }: { pass: Pass }) {
  const { data, error } = useQuery(passCountsQuery(pass.id, pass.status === 'active'))
  const isNarrow = useMediaQuery('(max-width: 48em)') ?? false
  const nowMs = Date.now()
  const hoursPerBar = isNarrow ? 4 : 1
  if (error !== null) return <ProblemAlert error={error} />
  if (data === undefined) return <Skeleton h={160} radius={8} />
  const words = countWords(sumOf(data.items))
  const bars = chartBars(data.items, { nowMs, days: chartDays, hoursPerBar })
  const days = Array.from({ length: chartDays }, (_, index) =>
    weekday.format(nowMs - (chartDays - 1 - index) * dayMs),
  )
  return (
    <section aria-labelledby="pass-calls-over-time">
      <Group justify="space-between" mb={12} gap="sm">
        <Title id="pass-calls-over-time" order={2} size="h4">
          Last {chartDays} days
        </Title>
        <Text size="sm" c="dimmed">
          {words.charAt(0).toUpperCase() + words.slice(1)}
        </Text>
      </Group>
      <div className={classes['part']}>
        <div className={classes['chart']}>
          <Bars
            label={`Calls in the last ${chartDays} days, ${isNarrow ? 'four hours' : 'an hour'} a bar: ${words}.`}
            bars={bars}
            height={80}
            places={bars.length}
          />
          <div className={classes['days']} aria-hidden>
            {days.map((day, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the days stand in order and hold no state
              <span key={index}>{day}</span>
            ))}
          </div>
        </div>
        <Text size="xs" c="dimmed">
          A bar is {isNarrow ? 'four hours' : 'an hour'}. Marked × are those with calls that were denied, and
          ! those with calls that failed.
        </Text>
      </div>
    </section>
  )
}
