import { Group, Skeleton, Stack, Text } from '@mantine/core'
import type { TablerIcon } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import classes from './AskedSection.module.css'

/** Whether the button was pressed for what stands in the form now. */
export function useAsked(request: unknown) {
  const key = JSON.stringify(request)
  const [askedKey, setAskedKey] = useState<string | null>(null)
  return { isAsked: askedKey === key, ask: () => setAskedKey(key) }
}

interface AskedSectionProps {
  /** On the button. */
  label: string
  Icon: TablerIcon
  asked: ReturnType<typeof useAsked>
  query: Pick<UseQueryResult, 'data' | 'error' | 'isError' | 'isFetching' | 'isPending' | 'refetch'>
  /** Why it can't be asked yet; null if it can. */
  missing: string | null
  /** Beside the button: before the answer, and once it is there. */
  hint: string
  found: string | null
  /** What is asked about, chosen beside the button. */
  beside?: ReactNode
  /** The answer. */
  children: ReactNode
}

/** Something that is asked of the server by a button. The answer appears under it, in view and with the focus. */
export function AskedSection(props: AskedSectionProps) {
  const { label, Icon, asked, query, missing, hint, found, beside, children } = props
  const answer = useRef<HTMLElement>(null)
  /** Somebody pressed the button and has not seen the answer yet. */
  const [isAwaited, setAwaited] = useState(false)
  useEffect(() => {
    if (!isAwaited || query.isFetching || query.isPending) return
    setAwaited(false)
    answer.current?.focus({ preventScroll: true })
    answer.current?.scrollIntoView({ block: 'nearest' })
  }, [isAwaited, query.isFetching, query.isPending])
  const ask = () => {
    setAwaited(true)
    if (asked.isAsked) void query.refetch()
    else asked.ask()
  }
  return (
    <Stack gap="sm" component="section" aria-label={label}>
      <Group gap="sm">
        {beside}
        <BusyButton
          variant="default"
          leftSection={<Icon size={16} aria-hidden />}
          onClick={ask}
          busy={query.isFetching}
          disabled={missing !== null}
        >
          {label}
        </BusyButton>
        <Text size="sm" c={found === null || missing !== null ? 'dimmed' : 'bright'} role="status">
          {missing ?? found ?? hint}
        </Text>
      </Group>
      {query.isFetching && query.data === undefined && (
        <Stack gap={8} aria-hidden>
          <Skeleton h={36} />
          <Skeleton h={180} />
        </Stack>
      )}
      <section ref={answer} tabIndex={-1} aria-label="Answer" className={classes['answer']}>
        {query.isError && !query.isFetching && <ProblemAlert error={query.error} />}
        {query.data !== undefined && children}
      </section>
    </Stack>
  )
}
