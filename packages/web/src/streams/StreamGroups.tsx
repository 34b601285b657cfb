import { type FlowStream, type OfferedStream, readFields, usualChoice } from '@latchwork/contract'
import { ActionIcon, Checkbox, Text } from '@mantine/core'
import { IconAdjustmentsHorizontal } from '@tabler/icons-react'
import type { StreamGroup } from './choices.ts'
import { columnWords } from './columns.ts'
import classes from './streams.module.css'
import { readingWords } from './words.ts'

interface StreamGroupsProps {
  groups: readonly StreamGroup[]
  chosen: readonly FlowStream[]
  onTick(streams: readonly OfferedStream[], isOn: boolean): void
  onDetails(stream: OfferedStream): void
}

/** Streams to tick, group by group, each with how it is read. */
export function StreamGroups({ groups, chosen, onTick, onDetails }: StreamGroupsProps) {
  const find = (name: string) => chosen.find(({ stream }) => stream === name)
  return (
    <section className={classes['list']} aria-label="Streams">
      {groups.map(({ name, streams }) => {
        const count = streams.filter((stream) => find(stream.name) !== undefined).length
        return (
          <fieldset key={name} className={classes['group']}>
            <legend className={classes['legend']}>
              <Checkbox
                label={<bdi>{name}</bdi>}
                fw={600}
                checked={count === streams.length}
                indeterminate={count > 0 && count < streams.length}
                onChange={() => onTick(streams, count < streams.length)}
              />
              <Text size="sm" c="dimmed">
                {count} of {streams.length}
              </Text>
            </legend>
            <div className={classes['streams']}>
              {streams.map((stream) => (
                <StreamRow
                  key={stream.name}
                  stream={stream}
                  choice={find(stream.name)}
                  onTick={(isOn) => onTick([stream], isOn)}
                  onDetails={() => onDetails(stream)}
                />
              ))}
            </div>
          </fieldset>
        )
      })}
    </section>
  )
}

interface StreamRowProps {
  stream: OfferedStream
  choice: FlowStream | undefined
  onTick(isOn: boolean): void
  onDetails(): void
}

function StreamRow({ stream, choice, onTick, onDetails }: StreamRowProps) {
  return (
    <div className={classes['stream']} data-chosen={choice !== undefined}>
      <Checkbox
        className={classes['tick'] ?? ''}
        label={<bdi>{stream.label}</bdi>}
        description={
          <>
            <span className={classes['what']} title={stream.description}>
              <bdi>{stream.description}</bdi>
            </span>
            {choice === undefined ? (
              <span className={classes['could']}>{readingWords(usualChoice(stream).mode, stream)}</span>
            ) : (
              <span className={classes['how']}>
                {readingWords(choice.mode, stream)}
                {choice.columns.length > 0 && ` · ${columnWords(choice.columns)}`}
                {choice.target !== null && (
                  <>
                    {' → '}
                    <bdi>{choice.target}</bdi>
                  </>
                )}
                <FilterWords stream={stream} choice={choice} />
              </span>
            )}
          </>
        }
        checked={choice !== undefined}
        onChange={(event) => onTick(event.currentTarget.checked)}
      />
      {choice !== undefined && (
        <ActionIcon aria-label={`How ${stream.label} is read`} onClick={onDetails}>
          <IconAdjustmentsHorizontal size={18} aria-hidden />
        </ActionIcon>
      )}
    </div>
  )
}

/** By what its records are chosen, or what is missing to read it. */
function FilterWords({ stream, choice }: { stream: OfferedStream; choice: FlowStream }) {
  const { parameters, repeats } = stream
  const [fault] = readFields(parameters, choice.parameters).faults
  if (fault !== undefined) {
    return (
      <Text span inherit c="var(--mantine-color-error)">
        {' · '}
        {fault.message}
      </Text>
    )
  }
  const set = parameters.filter(({ name }) => (choice.parameters[name] ?? '') !== '')
  if (set.length === 0 || repeats === true) return null
  return <> · only by {set.map(({ label }) => label.toLowerCase()).join(', ')}</>
}
