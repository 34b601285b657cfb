import { outsideLimits, textFault } from '@latchwork/contract'
import { describe, expect, it } from 'vitest'
import { type Connector, connectorMap, type Stream } from '../src/index.ts'

const stream: Stream = {
  ...{ name: 'calls', label: 'Calls', group: 'Activities', description: 'All calls.', recommended: true },
  ...{ modes: ['full'], deletes: 'none', parameters: [] },
}

/** What is shown of a source that offers these. */
async function shown(streams: readonly Stream[]): Promise<readonly Stream[]> {
  const connector: Connector = {
    definition: {
      ...{ id: 'orchard', label: 'Orchard', description: '', icon: 'target', accountWord: 'orchard' },
      ...{ methods: [], cures: {}, source: { templates: [], fields: [] }, destination: null },
    },
    openSource: async () => ({
      streams: async () => streams,
      open: () => Promise.reject(new Error('nothing is read')),
      close: async () => undefined,
    }),
  }
  const guarded = connectorMap([connector]).get('orchard')
  const source = await guarded?.openSource?.({}, null, { signal: new AbortController().signal })
  if (source === undefined) throw new Error('there is a source')
  return source.streams()
}

describe('#56 the streams that an account offers', () => {
  it('have texts that are cut, and lines of plain text', async () => {
    const long = 'x'.repeat(9_000)
    const field = { name: 'owner', label: `a\u0000${long}`, kind: 'select', required: false } as const
    const [first] = await shown([
      {
        ...stream,
        ...{ label: `Calls\n${long}`, group: long, description: `\u202e${long}` },
        parameters: [
          {
            ...{ ...field, help: long, placeholder: long },
            options: [
              { value: 'user_1', label: long, help: long },
              { value: long, label: 'never cut, so left out' },
              ...Array.from({ length: 5_200 }, (_, index) => ({ value: `${index}`, label: 'x' })),
            ],
          },
        ],
      },
    ])
    const parameter = first?.parameters[0]
    const [label, group, text] = [first?.label, first?.group, first?.description]
    expect([label?.length, group?.length, text?.length]).toEqual([
      outsideLimits.name,
      outsideLimits.name,
      outsideLimits.message,
    ])
    for (const each of [label, group, text, parameter?.label])
      expect(textFault(each ?? '', 'line')).toBeNull()
    expect([parameter?.label.length, parameter?.help?.length, parameter?.placeholder?.length]).toEqual([
      outsideLimits.name,
      outsideLimits.message,
      outsideLimits.name,
    ])
    expect(parameter?.options?.[0]).toMatchObject({ value: 'user_1' })
    expect(parameter?.options?.[1]).toMatchObject({ value: '0' })
    expect(parameter?.options).toHaveLength(outsideLimits.options)
  })

  it.each([
    ['too long', 'x'.repeat(outsideLimits.name + 1)],
    ['of two lines', 'calls\nmails'],
    ['empty', ''],
  ])('are refused where a name is %s, for half of it would be another one', async (_, name) => {
    await expect(shown([stream, { ...stream, name }])).rejects.toMatchObject({ code: 'upstream_error' })
  })

  it('are refused where there are more than anybody could look at', async () => {
    const many = Array.from({ length: outsideLimits.streams + 1 }, (_, at) => ({ ...stream, name: `s${at}` }))
    await expect(shown(many)).rejects.toMatchObject({ code: 'upstream_error' })
    expect((await shown(many.slice(1))).length).toBe(outsideLimits.streams)
  })
})
