import {
  clashes,
  type FlowStream,
  type FlowStreams,
  faultSentence,
  type OfferedStream,
  offeredName,
  ownName,
  repeatedName,
  streamLabel,
  usualChoice,
} from '@latchwork/contract'

/** What a flow reads where nobody has said more. */
export const everything: FlowStreams = { everything: true, deletions: 'mark', sameRecords: 'parts' }

export interface StreamGroup {
  readonly name: string
  readonly streams: readonly OfferedStream[]
}

/** The streams that match all words, in their groups; both in the order of the source. */
export function groupsOf(offered: readonly OfferedStream[], words: string): StreamGroup[] {
  const asked = words.toLowerCase().split(/\s+/)
  const groups = new Map<string, OfferedStream[]>()
  for (const stream of offered) {
    const text = [stream.label, stream.name, stream.group, stream.description].join(' ').toLowerCase()
    if (!asked.every((word) => text.includes(word))) continue
    const group = groups.get(stream.group)
    if (group === undefined) groups.set(stream.group, [stream])
    else group.push(stream)
  }
  return [...groups].map(([name, streams]) => ({ name, streams }))
}

/** Chosen streams by hand, each as if the source offered it. */
export function byHand(offered: readonly OfferedStream[], chosen: readonly FlowStream[]): OfferedStream[] {
  return chosen.flatMap((choice) => {
    const found = offered.find(({ name, repeats }) => repeats && name === offeredName(choice.stream))
    return found === undefined ? [] : [{ ...found, name: choice.stream, label: streamLabel(choice) }]
  })
}

/** A new stream by hand, under a name that is free. */
export function addedByHand({ name, modes }: OfferedStream, chosen: readonly FlowStream[]): FlowStream {
  const isTaken = (own: string) =>
    chosen.some(({ stream, target }) => [ownName(stream), target].includes(own))
  let number = 1
  while (isTaken(`stream_${number}`)) number += 1
  const own = `stream_${number}`
  return { ...usualChoice({ name: repeatedName(name, own), label: own, modes }), mode: 'full' }
}

/** Under another name. */
export function renamed(choice: FlowStream, own: string): FlowStream {
  return { ...choice, stream: repeatedName(offeredName(choice.stream), own), label: own }
}

/** Chosen streams whose records all stand in another chosen one, too. */
export function twice(offered: readonly OfferedStream[], chosen: readonly FlowStream[]): OfferedStream[] {
  const names = new Set(chosen.map(({ stream }) => stream))
  return offered.filter(({ name, within }) => names.has(name) && within !== undefined && names.has(within))
}

/** Chosen streams that the source does not offer any more, as if it did. */
export function gone(offered: readonly OfferedStream[], chosen: readonly FlowStream[]): OfferedStream[] {
  return chosen
    .filter(({ stream }) => offered.every(({ name }) => name !== stream))
    .map((choice) => ({
      ...{ name: choice.stream, label: streamLabel(choice), group: 'Not offered any more' },
      description: 'The account no longer has it, or may not read it.',
      ...{ recommended: false, modes: [choice.mode], deletes: 'none', parameters: [], ranges: false },
    }))
}

/** The choice with these streams ticked or not; what was said of those that stay chosen is kept. */
export function ticked(
  chosen: readonly FlowStream[],
  streams: readonly OfferedStream[],
  isOn: boolean,
): FlowStream[] {
  const names = new Set(streams.map(({ name }) => name))
  if (!isOn) return chosen.filter(({ stream }) => !names.has(stream))
  const had = new Set(chosen.map(({ stream }) => stream))
  return [...chosen, ...streams.filter(({ name }) => !had.has(name)).map((stream) => usualChoice(stream))]
}

/** Why a flow can't read this, as a sentence; null if it can. */
export function choiceFault(streams: FlowStreams): string | null {
  if (streams.everything) return null
  if (streams.chosen.length === 0) return 'Choose at least one stream.'
  const [clash] = clashes(streams.chosen)
  const choice = clash === undefined ? undefined : streams.chosen[clash.index]
  if (clash === undefined || choice === undefined) return null
  return faultSentence(`The name of ${streamLabel(choice)} in the destination`, clash.message)
}

/** What a flow reads, in a few words. */
export function choiceWords(streams: FlowStreams | null): string {
  if (streams === null) return 'What its source says'
  if (streams.everything) return 'Everything that the account may read'
  const [first] = streams.chosen
  if (streams.chosen.length === 1 && first !== undefined) return streamLabel(first)
  return `${streams.chosen.length} streams`
}
