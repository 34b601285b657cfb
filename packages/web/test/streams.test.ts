import { type FlowStreams, flowStreamSchema, type OfferedStream } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { choiceFault, choiceWords, gone, groupsOf, ticked } from '../src/streams/choices.ts'
import { readingWords } from '../src/streams/words.ts'

const offered = (name: string, group: string, more: Partial<OfferedStream> = {}): OfferedStream => ({
  ...{ name, label: name.toUpperCase(), group, description: `All ${name} there are.`, recommended: false },
  ...{ modes: ['full'], deletes: 'none', parameters: [], ranges: false, ...more },
})
const calls = offered('calls', 'Activities', { modes: ['full', 'incremental'] })
const mails = offered('mails', 'Activities')
const leads = offered('leads', 'Records', { description: 'Companies.' })
const choice = (stream: string, more: object = {}) => flowStreamSchema.parse({ stream, ...more })
const chosen = (...all: ReturnType<typeof choice>[]): FlowStreams => ({ everything: false, chosen: all })

describe('the streams to choose from', () => {
  it('stand in their groups, as far as they match all words', () => {
    const namesOf = (words: string) =>
      groupsOf([calls, leads, mails], words).map(({ name, streams }) => [
        name,
        streams.map((each) => each.name),
      ])
    expect(namesOf('')).toEqual([
      ['Activities', ['calls', 'mails']],
      ['Records', ['leads']],
    ])
    expect(namesOf('activ MAI')).toEqual([['Activities', ['mails']]])
    expect(namesOf('companies')).toEqual([['Records', ['leads']]])
    expect(namesOf('dragons')).toEqual([])
  })

  it('have those beside them that were chosen and are not offered any more', () => {
    expect(gone([calls], [choice('calls'), choice('old', { label: 'Old calls' })])).toMatchObject([
      { name: 'old', label: 'Old calls', modes: ['full'] },
    ])
  })
})

describe('ticking streams', () => {
  it('adds each as it is usually read, and keeps what was said of the others', () => {
    const before = [choice('mails', { target: 'post' })]
    expect(ticked(before, [calls, mails], true)).toEqual([
      choice('mails', { target: 'post' }),
      choice('calls', { label: 'CALLS', mode: 'incremental' }),
    ])
    expect(ticked(before, [mails], false)).toEqual([])
  })
})

describe('a choice', () => {
  it.each([
    [
      { everything: true, deletions: 'mark', sameRecords: 'parts' },
      null,
      'Everything that the account may read',
    ],
    [chosen(), 'Choose at least one stream.', '0 streams'],
    [chosen(choice('leads')), null, 'leads'],
    [chosen(choice('leads', { label: 'Leads' }), choice('calls')), null, '2 streams'],
    [
      chosen(choice('leads'), choice('calls', { label: 'Calls', target: 'LEADS' })),
      'The name of Calls in the destination is what another stream is called, too.',
      '2 streams',
    ],
  ] as const)('is told in words, with what is wrong with it: %#', (streams, fault, words) => {
    expect([choiceFault(streams), choiceWords(streams)]).toEqual([fault, words])
  })
})

describe('how a stream is read', () => {
  it('says whether deletions are seen', () => {
    expect(readingWords('incremental', { deletes: 'events' })).toBe('What changed, deletions seen')
    expect(readingWords('incremental', { deletes: 'none' })).toBe('What changed, deletions not seen')
    expect(readingWords('full', { deletes: 'none' })).toBe('Everything, each time')
  })
})
