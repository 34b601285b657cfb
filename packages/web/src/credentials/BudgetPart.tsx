import type { BudgetGroup, Credential, CredentialBudget } from '@latchwork/contract'
import { Button, Group, NativeSelect, SegmentedControl, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Bars } from '../ui/Bars.tsx'
import { Pending } from '../ui/Pending.tsx'
import { timeOfDay } from '../ui/time-words.ts'
import { BudgetTable, BudgetUsers } from './BudgetTable.tsx'
import classes from './budget.module.css'
import { budgetBars, budgetWords, limitWords, spanWords } from './budget.ts'
import { budgetQuery } from './queries.ts'

type By = CredentialBudget['by']

const all = ' all'

/** Who used what Close allows the credential. */
export function BudgetPart({ credential: { id } }: { credential: Credential }) {
  const [by, setBy] = useState<By>('minute')
  const [chosen, setChosen] = useState<string | null>(null)
  const query = useQuery(budgetQuery(id, by))
  const groups = query.data?.groups ?? []
  // Close limits each group by itself, so the busiest one is shown first.
  const shown =
    [...groups.map(({ group }) => group), all].find((each) => each === chosen) ?? groups[0]?.group ?? all
  const group = groups.find((each) => each.group === shown)
  const ofGroup = useQuery({ ...budgetQuery(id, by, shown), enabled: group !== undefined })
  const budget = group === undefined ? query.data : ofGroup.data
  return (
    <section aria-labelledby="credential-budget">
      <Group justify="space-between" mb="sm" gap="sm">
        <Title id="credential-budget" order={4}>
          Requests to Close
        </Title>
        <SegmentedControl
          size="xs"
          aria-label="Time"
          data={[
            { value: 'minute', label: 'Last hour' },
            { value: 'hour', label: 'Last day' },
          ]}
          value={by}
          onChange={(value) => setBy(value === 'hour' ? 'hour' : 'minute')}
        />
      </Group>
      {budget === undefined ? (
        <Pending query={group === undefined ? query : ofGroup} what="who used it" rows={2} rowHeight={48} />
      ) : groups.length === 0 ? (
        <Text c="dimmed">Nothing was asked of Close with this key in {spanWords[by].last}.</Text>
      ) : (
        <Stack gap="sm">
          {groups.length > 1 && (
            <NativeSelect
              label="Endpoints"
              maw={280}
              data={[
                ...groups.map((each) => ({ value: each.group, label: groupName(each) })),
                { value: all, label: 'All of them' },
              ]}
              value={shown}
              onChange={({ currentTarget }) => setChosen(currentTarget.value)}
            />
          )}
          <Chart budget={budget} group={group} />
        </Stack>
      )}
    </section>
  )
}

function groupName({ group }: BudgetGroup): string {
  return group === '' ? 'Other endpoints' : group.replace(' ', ' /')
}

function Chart({ budget, group }: { budget: CredentialBudget; group: BudgetGroup | undefined }) {
  const [asTable, setAsTable] = useState(false)
  const limit = group?.limit ?? null
  const { bars, line } = budgetBars(budget, limit)
  const words = budgetWords(budget, limit)
  const { bar } = spanWords[budget.by]
  const marked = bars.some(({ mark }) => mark !== '')
  return (
    <>
      <Text size="sm">{words}</Text>
      {asTable ? (
        <BudgetTable budget={budget} />
      ) : (
        <div className={classes['chart']}>
          <Bars
            label={`Requests to Close, ${bar} a bar. ${words}`}
            bars={bars}
            height={96}
            places={bars.length}
            line={line}
          />
          <div className={classes['axis']} aria-hidden>
            <span>{timeOfDay(Date.parse(budget.spans[0]?.at ?? ''))}</span>
            <span>{timeOfDay(Date.parse(budget.spans.at(-1)?.at ?? ''))}</span>
          </div>
        </div>
      )}
      <Group justify="space-between" gap="sm" align="flex-start" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {group === undefined
            ? 'Close limits each group of endpoints by itself: choose one to see its limit.'
            : limitWords(group)}
          {line !== undefined && !asTable && ' The dashed line is that limit.'}
          {marked && !asTable && ` Marked ! is ${bar} in which requests were told to wait.`}
        </Text>
        <Button variant="default" size="xs" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Show as chart' : 'Show as table'}
        </Button>
      </Group>
      <BudgetUsers consumers={budget.consumers} />
    </>
  )
}
