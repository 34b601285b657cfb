import type { Batch, Connector, Selection } from '@latchwork/connectors'
import type { DataRecord } from '@latchwork/contract'

/** A change of a stream: the record as it is from then on, or null for one that is deleted. */
interface Change {
  readonly id: string
  readonly record: DataRecord | null
}

/** A system with two kinds of records, which are read whole or by their changes. */
export class Garden {
  readonly #changes = { apples: [] as Change[], pears: [] as Change[] }

  put(stream: 'apples' | 'pears', id: string, colour: string): void {
    this.#changes[stream].push({ id, record: { id, colour } })
  }

  fell(stream: 'apples' | 'pears', id: string): void {
    this.#changes[stream].push({ id, record: null })
  }

  get connector(): Connector {
    return {
      definition: {
        id: 'garden',
        label: 'Garden',
        description: 'Fruit.',
        icon: 'table',
        accountWord: 'garden',
        methods: [],
        cures: {},
        source: {
          templates: [{ id: 'all', label: 'All', description: 'All fruit.', icon: 'table', config: {} }],
          fields: [],
        },
        destination: null,
      },
      selectionsOf: () =>
        ['apples', 'pears'].map((stream) => ({ stream, mode: 'full', columns: [], parameters: {} })),
      openSource: async () => ({
        streams: async () => [],
        open: async ({ stream, mode }) => ({
          columns: ['id', 'colour'].map((name) => ({ name, label: name, type: 'text' })),
          key: 'id',
          ordered: true,
          count: async () => null,
          batches: (position) => this.#read(stream, mode, Number(position ?? 0)),
          close: async () => undefined,
        }),
        close: async () => undefined,
      }),
    }
  }

  async *#read(stream: string, mode: Selection['mode'], from: number): AsyncGenerator<Batch> {
    const changes = stream === 'apples' ? this.#changes.apples : this.#changes.pears
    const last = new Map(changes.slice(from).map((each) => [each.id, each]))
    const all = [...last.values()]
    const deleted = all.flatMap(({ id, record }) => (record === null ? [id] : []))
    if (all.length === 0) return
    yield {
      records: all.flatMap(({ record }) => (record === null ? [] : [record])),
      ...(mode === 'incremental' && from > 0 && { deleted }),
      position: changes.length,
    }
  }
}
