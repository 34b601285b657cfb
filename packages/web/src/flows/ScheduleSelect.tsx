import { NativeSelect } from '@mantine/core'
import { scheduleLabel, schedules } from './schedule.ts'

interface ScheduleSelectProps {
  /** Minutes between two runs; null: by hand. */
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
      description="You can run a flow by hand at any time as well."
      w="100%"
      data={offered.map((choice) => ({ value: String(choice ?? ''), label: scheduleLabel(choice) }))}
      value={String(value ?? '')}
      onChange={(event) =>
        onChange(event.currentTarget.value === '' ? null : Number(event.currentTarget.value))
      }
    />
  )
}
