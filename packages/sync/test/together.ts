import type { RunRequest } from '../src/index.ts'
import { keepAll, noFuse, World } from './world.ts'

type Worlds = Readonly<Record<string, World>>

function worldOf(worlds: Worlds, stream: string): World {
  const world = worlds[stream]
  if (world === undefined) throw new Error(`there is no ${stream}`)
  return world
}

/** A run of a stream in each world. */
export function together(worlds: Worlds, atOnce = 2): RunRequest {
  const own = (stream: string) => worldOf(worlds, stream).request(noFuse())
  const [first = ''] = Object.keys(worlds)
  return {
    ...own(first),
    atOnce,
    selections: Object.keys(worlds).map((stream) => ({
      ...{ stream, mode: 'full', columns: [], parameters: {} },
    })),
    openSource: async () => ({
      streams: async () => [],
      open: async ({ stream }) => worldOf(worlds, stream).reader(noFuse()),
      close: async () => undefined,
    }),
    openDestination: async () => ({
      open: async ({ stream, resume }) => worldOf(worlds, stream).writer(noFuse(), resume),
      close: async () => undefined,
    }),
    journal: {
      begin: (stream) => own(stream).journal.begin(stream),
      opened: async (_stream, columns) => ({ columns, notices: [], held: null }),
      save: (stream, ...all) => own(stream).journal.save(stream, ...all),
      ended: (stream, ...all) => own(stream).journal.ended(stream, ...all),
      stopped: (stream, ...all) => own(stream).journal.stopped(stream, ...all),
      cancelling: async () => false,
      refusal: async () => null,
    },
  }
}

export const counted = (count: number) => new World(count, 4, true, keepAll)

/** The request, with one stream that can't be opened. */
export const failingOne = (request: RunRequest, failing: string, error: Error): RunRequest => ({
  ...request,
  openSource: async (ended) => {
    const source = await request.openSource(ended)
    return {
      ...source,
      open: async (selection, purpose, signal) => {
        if (selection.stream === failing) throw error
        return source.open(selection, purpose, signal)
      },
    }
  },
})
