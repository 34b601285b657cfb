import type { AlertTopic } from '@latchwork/contract'
import { Checkbox, Stack } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { Section } from '../ui/Section.tsx'
import { alertPreferencesQuery, alertsKey } from './queries.ts'

const topics: readonly { id: AlertTopic; label: string; help: string }[] = [
  {
    id: 'flow_failed',
    label: 'A flow fails or pauses',
    help: 'Once, with the reason, until it works again.',
  },
  {
    id: 'flow_partial',
    label: 'A flow writes only some records',
    help: 'The others were refused and wait in quarantine.',
  },
  {
    id: 'flow_late',
    label: 'A flow is late',
    help: 'It did not start or finish before its next scheduled time.',
  },
  {
    id: 'flow_volume',
    label: 'A flow reads nothing, or far more or less than usual',
    help: 'Compared with its last runs. Each flow has its own limits. Also when records come again.',
  },
  {
    id: 'flow_schema_changed',
    label: 'Columns of a flow change',
    help: 'A column in the destination became another type, or is new.',
  },
  { id: 'flow_recovered', label: 'A flow works again', help: 'After it failed, paused or was late.' },
  {
    id: 'passes',
    label: 'A pass expires soon, or is refused often',
    help: 'Of passes that you own.',
  },
  {
    id: 'credentials',
    label: 'A credential fails or works again',
    help: 'It is refused, or its system can’t be reached for long.',
  },
  {
    id: 'expiry',
    label: 'A credential is about to expire',
    help: 'Its access ends soon, or its account has lost rights.',
  },
]

/** What the member is told, under the bell and by email. */
export function AlertPreferences() {
  const client = useQueryClient()
  const preferences = useQuery(alertPreferencesQuery)
  // What was clicked shows it at once, until the server has told what there is now.
  const [chosen, setChosen] = useState<AlertTopic[] | null>(null)
  const save = useMutation({
    mutationFn: (body: { muted: AlertTopic[]; was: { muted: AlertTopic[] } }) =>
      api.alerts.setPreferences({ body }),
    // One after the other: each says what the one before left.
    scope: { id: 'alert preferences' },
    onSettled: async (_answer, _error, saved) => {
      await client.invalidateQueries({ queryKey: alertsKey })
      setChosen((now) => (now === saved.muted ? null : now))
    },
  })
  const muted = chosen ?? preferences.data?.muted
  const choose = (next: AlertTopic[], was: AlertTopic[]) => {
    setChosen(next)
    save.mutate({ muted: next, was: { muted: was } })
  }
  return (
    <Section
      title="Your alerts"
      description="What Latchwork tells you about, under the bell and by email. You always get alerts about your own sign-in and the audit log."
    >
      <Pending query={preferences} what="your choices" rows={3} rowHeight={32} />
      {muted !== undefined && (
        <Stack gap="sm">
          {topics.map(({ id, label, help }) => (
            <Checkbox
              key={id}
              label={label}
              description={help}
              checked={!muted.includes(id)}
              onChange={(event) => {
                const others = muted.filter((each) => each !== id)
                choose(event.currentTarget.checked ? others : [...others, id], muted)
              }}
            />
          ))}
        </Stack>
      )}
      {save.error !== null && <ProblemAlert error={save.error} />}
    </Section>
  )
}
