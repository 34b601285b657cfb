import type { Problem } from '@latchwork/contract'
import { NativeSelect } from '@mantine/core'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { scheduleLabel, schedules } from './words.ts'

interface ScheduleSelectProps {
  /** Minutes between two runs; null: manual. */
  value: number | null
  onChange(minutes: number | null): void
}

/** When a flow runs. A schedule that was set through the API stays among the choices. */
export function ScheduleSelect({ value, onChange }: ScheduleSelectProps) {
  const minutes = schedules.map((schedule): number | null => schedule.minutes)
  const offered = minutes.includes(value) ? minutes : [...minutes, value]
  return (
    <NativeSelect
      label="Schedule"
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      description="You can also run a flow yourself at any time."
      w="100%"
      data={offered.map((choice) => ({ value: String(choice ?? ''), label: scheduleLabel(choice) }))}
      value={String(value ?? '')}
      onChange={(event) =>
        onChange(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))
      }
    />
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
      next <TimeAgo at={at} />
    </>
  )
}
