import {
  type FieldDefinition,
  type FieldOption,
  LatchworkError,
  outsideLimits,
  outsideText,
} from '@latchwork/contract'
import type { Stream } from './reading.ts'
import type { SentSecrets } from './watched-credential.ts'

/**
 * The streams of a source, whose names and choices may come from the account: its texts are searched for secrets, and cut.
 * @throws LatchworkError `upstream_error` for more of them, or for names that can't be kept as they are
 */
export function shownStreams(streams: readonly Stream[], sent: SentSecrets): Stream[] {
  if (streams.length > outsideLimits.streams) {
    throw new LatchworkError('upstream_error', {
      message: `The source offers ${streams.length} streams; at most ${outsideLimits.streams} can be offered.`,
    })
  }
  const name = (text: string): string => outsideText(text, { ...sent, max: outsideLimits.name })
  const sentence = (text: string): string => outsideText(text, { ...sent, max: outsideLimits.message })
  // What a flow keeps of a stream is looked for by this name: half of it would be another one.
  const unfit = streams.find((stream) => stream.name === '' || name(stream.name) !== stream.name)
  if (unfit !== undefined) {
    throw new LatchworkError('upstream_error', {
      message: 'The source names a stream by a text that is too long, or not a line of plain text.',
    })
  }
  const field = (each: FieldDefinition): FieldDefinition => ({
    ...each,
    label: name(each.label),
    ...(each.help === undefined ? {} : { help: sentence(each.help) }),
    ...(each.placeholder === undefined ? {} : { placeholder: name(each.placeholder) }),
    ...(each.options === undefined
      ? {}
      : {
          options: shownOptions(each.options, sent),
        }),
  })
  return streams.map((stream) => ({
    ...stream,
    label: name(stream.label),
    group: name(stream.group),
    description: sentence(stream.description),
    parameters: stream.parameters.map(field),
  }))
}

/** Choices of a parameter, at most `outsideLimits.options` of them, as `shownStreams` shows them. */
export function shownOptions(options: readonly FieldOption[], sent: SentSecrets): FieldOption[] {
  const name = (text: string): string => outsideText(text, { ...sent, max: outsideLimits.name })
  return options
    .filter(({ value }) => name(value) === value)
    .slice(0, outsideLimits.options)
    .map(({ value, label, help, group }) => ({
      ...{ value, label: name(label) },
      ...(help === undefined ? {} : { help: outsideText(help, { ...sent, max: outsideLimits.message }) }),
      ...(group === undefined ? {} : { group: name(group) }),
    }))
}
