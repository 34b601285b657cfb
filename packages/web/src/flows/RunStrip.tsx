import type { StripRun } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { Bars } from '../ui/Bars.tsx'
import { barsOf, stripSentence } from './strip.ts'

/** The last runs of a flow at a glance. */
export function RunStrip({ runs }: { runs: readonly StripRun[] }) {
  if (runs.length === 0) {
    return (
      <Text span size="xs" c="dimmed">
        Never run
      </Text>
    )
  }
  return <Bars bars={barsOf(runs)} label={stripSentence(runs)} height={20} />
}
