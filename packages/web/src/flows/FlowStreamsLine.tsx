import {
  comparisonSchema,
  comparisonWords,
  endpoints,
  type Flow,
  type FlowStreams,
  listsRefusal,
  rereadSentence,
  rereadStreams,
} from '@latchwork/contract'
import { Box, Button, Group, NativeSelect, Stack, Text } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { patchOf } from '../api/patch.ts'
import { sideQuery } from '../sides/queries.ts'
import { choiceFault, choiceWords, everything } from '../streams/choices.ts'
import { StreamPicker } from '../streams/StreamPicker.tsx'
import { SidePanel } from '../ui/dialogs.tsx'
import { FormButtons } from '../ui/FormButtons.tsx'
import { Notice, ProblemAlert } from '../ui/ProblemAlert.tsx'
import { flowColumnsQuery, useUpdateFlow } from './queries.ts'

/** What a flow reads of its source, and the way to change that. */
export function FlowStreamsLine({ flow }: { flow: Flow }) {
  const [opened, setOpened] = useState(false)
  const { streams } = flow
  const isMany = streams !== null && !streams.everything && streams.chosen.length > 1
  return (
    <Group gap="md" justify="space-between">
      <Text miw={0}>
        <Text span c="dimmed">
          Reads:{' '}
        </Text>
        {choiceWords(streams)}
        {isMany && (
          <Text span c="dimmed">
            {': '}
            {streams.chosen
              .slice(0, 6)
              .map(({ label, stream }) => label || stream)
              .join(', ')}
            {streams.chosen.length > 6 && ', …'}
          </Text>
        )}
      </Text>
      {flow.source.id !== null && may(flow, endpoints.flows.update) && (
        <Button
          variant="default"
          leftSection={<IconStack2 size={16} aria-hidden />}
          onClick={() => setOpened(true)}
        >
          Choose streams
        </Button>
      )}
      <SidePanel opened={opened} onClose={() => setOpened(false)} title="What this flow reads" size={960}>
        {opened && <Choice flow={flow} onClose={() => setOpened(false)} />}
      </SidePanel>
    </Group>
  )
}

function Choice({ flow, onClose }: { flow: Flow; onClose(): void }) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [seen] = useState(flow)
  const [streams, setStreams] = useState<FlowStreams>(flow.streams ?? everything)
  const source = useQuery(sideQuery('source', flow.source.id ?? '')).data
  const columns = useQuery(flowColumnsQuery(flow.id)).data
  const destination = useQuery(connectorsQuery).data?.find(({ id }) => id === flow.destination.connector)
  const update = useUpdateFlow(flow.id)
  const [compare, setCompare] = useState(flow.compare)
  const fault = choiceFault(streams)
  const reread = rereadStreams(seen.streams, streams)
  return (
    <Stack gap="lg">
      <Text c="dimmed">What the destination has of streams that are left out stays there.</Text>
      <StreamPicker
        source={
          source === undefined
            ? null
            : { connector: source.connector, credentialId: source.credentialId, config: source.config }
        }
        value={streams}
        called={
          new Map(
            columns?.map((each) => [each.stream, new Map(each.columns.map(({ name, as }) => [name, as]))]),
          )
        }
        listsRefusal={destination === undefined ? null : listsRefusal(destination)}
        onChange={setStreams}
      />
      <Box maw={480}>
        <NativeSelect
          label="Compare all ids"
          description="This finds deleted records where the source does not tell of them, or its log may not be read."
          data={comparisonSchema.options.map((each) => ({ value: each, label: comparisonWords[each] }))}
          value={compare}
          onChange={(event) => setCompare(comparisonSchema.parse(event.currentTarget.value))}
        />
      </Box>
      {reread.length > 0 && <Notice tone="warning" message={rereadSentence(reread)} />}
      {update.error !== null && <ProblemAlert error={update.error} />}
      {fault !== null && (
        <Text size="sm" c="dimmed" role="status">
          {fault}
        </Text>
      )}
      <FormButtons
        label="Save"
        busy={update.isPending}
        disabled={fault !== null}
        onCancel={onClose}
        onClick={() =>
          update.mutate(patchOf<Pick<Flow, 'streams' | 'compare'>>(seen, { streams, compare }), {
            onSuccess: onClose,
          })
        }
      />
    </Stack>
  )
}
