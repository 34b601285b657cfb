import {
  type AtTime,
  cronAt,
  nextRunOf,
  type Problem,
  type Schedule,
  scheduleSchema,
  scheduleWords,
  timeOfCron,
} from '@latchwork/contract'
import { Group, NativeSelect, Select, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { TimeUntil } from '../ui/TimeAgo.tsx'
import { absoluteTime } from '../ui/time-words.ts'
import { scheduleFault } from './words.ts'

interface ScheduleSelectProps {
  /** As it was chosen or typed so far; null: manual. */
  value: Schedule | null
  onChange(schedule: Schedule | null): void
}

const intervals = [5, 15, 60]
const ownTimeZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone

/** The choice that a schedule stands under. */
function choiceOf(schedule: Schedule | null): string {
  if (schedule === null) return 'manual'
  if (schedule.kind === 'every') return String(schedule.minutes)
  return timeOfCron(schedule.cron)?.days ?? 'cron'
}

/** A schedule of another choice, as it begins; what fits of the one before stays. */
function chosen(choice: string, before: Schedule | null): Schedule | null {
  if (choice === 'manual') return null
  if (/^\d+$/.test(choice)) return { kind: 'every', minutes: Number(choice) }
  const { cron, timeZone } =
    before?.kind === 'cron'
      ? before
      : { cron: cronAt({ days: 'daily', at: '06:00' }), timeZone: ownTimeZone() }
  if (choice === 'cron') return { kind: 'cron', cron, timeZone }
  const days = choice === 'weekdays' ? 'weekdays' : 'daily'
  return { kind: 'cron', cron: cronAt({ days, at: timeOfCron(cron)?.at ?? '06:00' }), timeZone }
}

/** When a flow runs. An interval that was set through the API stays among the choices. */
export function ScheduleSelect({ value, onChange }: ScheduleSelectProps) {
  const own = value?.kind === 'every' && !intervals.includes(value.minutes) ? [value.minutes] : []
  // A cron that is being typed may read as a time of day: its field must not go away under the hands.
  const [isFree, setFree] = useState(choiceOf(value) === 'cron')
  const choice = value?.kind === 'cron' && isFree ? 'cron' : choiceOf(value)
  return (
    <Stack gap="sm">
      <NativeSelect
        label="Schedule"
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        description="You can also run a flow yourself at any time."
        data={[
          { value: 'manual', label: 'Manual' },
          ...[...intervals, ...own].map((minutes) => ({
            value: String(minutes),
            label: scheduleWords({ kind: 'every', minutes }),
          })),
          { value: 'daily', label: 'Every day at a time' },
          { value: 'weekdays', label: 'Monday to Friday at a time' },
          { value: 'cron', label: 'Cron expression' },
        ]}
        value={choice}
        onChange={({ currentTarget }) => {
          setFree(currentTarget.value === 'cron')
          onChange(chosen(currentTarget.value, value))
        }}
      />
      {value?.kind === 'cron' && (
        <CronFields value={value} time={isFree ? null : timeOfCron(value.cron)} onChange={onChange} />
      )}
      <NextTimes schedule={value} />
    </Stack>
  )
}

interface CronFieldsProps {
  value: Schedule & { kind: 'cron' }
  /** Null: the cron itself is typed. */
  time: AtTime | null
  onChange(schedule: Schedule): void
}

function CronFields({ value, time, onChange }: CronFieldsProps) {
  const issues = scheduleSchema.safeParse(value).error?.issues ?? []
  const faultOf = (field: string) => {
    const issue = issues.find(({ path }) => path[0] === field)
    return issue === undefined ? null : `It ${issue.message}.`
  }
  return (
    <Group gap="sm" align="flex-start" grow wrap="wrap">
      {time === null ? (
        <TextInput
          label="Cron expression"
          description="Minute, hour, day of the month, month, day of the week"
          spellCheck={false}
          autoComplete="off"
          maxLength={100}
          miw={180}
          value={value.cron}
          error={faultOf('cron')}
          onChange={(event) => onChange({ ...value, cron: event.currentTarget.value })}
        />
      ) : (
        <TextInput
          type="time"
          label="Time"
          miw={180}
          value={time.at}
          onChange={({ currentTarget: { value: at } }) => {
            if (at !== '') onChange({ ...value, cron: cronAt({ ...time, at }) })
          }}
        />
      )}
      <Select
        label="Time zone"
        searchable
        allowDeselect={false}
        nothingFoundMessage="No such time zone"
        limit={50}
        miw={180}
        data={[...new Set([value.timeZone, 'UTC', ...Intl.supportedValuesOf('timeZone')])]}
        value={value.timeZone}
        error={faultOf('timeZone')}
        onChange={(timeZone) => {
          if (timeZone !== null) onChange({ ...value, timeZone })
        }}
      />
    </Group>
  )
}

/** The next times of a schedule by the clock of whoever looks: what a cron means shows best so. */
function NextTimes({ schedule }: { schedule: Schedule | null }) {
  if (schedule?.kind !== 'cron' || scheduleFault(schedule) !== null) return null
  const first = nextRunOf(schedule, Date.now())
  const second = first === null ? null : nextRunOf(schedule, first)
  if (first === null || second === null) return null
  return (
    <Text size="sm" c="dimmed" role="status">
      Next: {absoluteTime(first)}, then {absoluteTime(second)}, by your clock.
    </Text>
  )
}

interface ScheduleQuestionProps {
  /** What the server asks; null: nothing. */
  question: Problem | null
  onConfirm(): void
  onCancel(): void
}

/** Asks before a flow that creates is put on a schedule. */
export function ScheduleQuestion({ question, onConfirm, onCancel }: ScheduleQuestionProps) {
  return (
    <ConfirmDialog
      opened={question !== null}
      title="Create records on a schedule?"
      confirmLabel="Yes, every time"
      onCancel={onCancel}
      onConfirm={onConfirm}
    >
      {question?.detail}
    </ConfirmDialog>
  )
}

/** When a flow runs next. A time that has just passed is not "5 seconds ago": the run is about to start. */
export function NextRun({ at }: { at: string }) {
  if (Date.parse(at) <= Date.now()) return <>next run is due</>
  return (
    <>
      next <TimeUntil at={at} />
    </>
  )
}
