import type {
  Batch,
  Connector,
  Selection,
  StreamPlan,
  StreamWriter,
  WriteNotice,
} from '@latchwork/connectors'
import type { Column, DataRecord, LatchworkError } from '@latchwork/contract'
import { z } from 'zod'

type Kind = 'trees' | 'apples' | 'pears' | 'plums' | 'figs'

const positionSchema = z.int().nonnegative()
function grown(): Record<string, DataRecord[]> {
  return {
    trees: [1, 2, 3, 4, 5].map((id) => ({ id: `tree-${id}`, height: id })),
    apples: [1, 2, 3].map((id) => ({ id: `apple-${id}`, weight: id, height: 0 })),
  }
}

/** A system that nobody has heard of: two kinds of record to read, and baskets to write to. */
export class Orchard {
  records: Readonly<Record<string, DataRecord[]>> = grown()
  /** Records that are read at once. */
  batchSize = 2
  /** What its account offers. */
  offered: Kind[] = ['trees', 'apples']
  /** Keys of records that the baskets refuse. */
  readonly rotten = new Set<string>()
  /** Why reading a kind fails. */
  readonly faults = new Map<string, LatchworkError>()
  readonly baskets = new Map<string, Map<string, DataRecord>>()
  /** What the baskets tell of what they take. */
  notices: readonly WriteNotice[] = []
  /** What was opened, in order. */
  readonly selections: Selection[] = []
  readonly plans: StreamPlan[] = []

  /** Whether baskets compare what they hold with what was written. */
  compares = false
  /** The trees are read to their end once this has come. */
  ripe: Promise<void> = Promise.resolve()

  /** As it was at first. */
  replant(): void {
    this.ripe = Promise.resolve()
    this.compares = false
    this.records = grown()
    this.offered = ['trees', 'apples']
    this.faults.clear()
    this.rotten.clear()
    this.notices = []
    this.baskets.clear()
    this.selections.length = 0
    this.plans.length = 0
  }

  basket(name: string): string[] {
    return [...(this.baskets.get(name)?.keys() ?? [])].sort()
  }
}

/** Its connector: a factory, as every connector has one. */
export function createOrchardConnector(orchard: Orchard): Connector {
  const direction = { templates: [], fields: [] }
  return {
    definition: {
      ...{ id: 'orchard', label: 'Orchard', description: 'Trees and apples.', icon: 'target' },
      ...{ accountWord: 'orchard', methods: [], cures: {}, source: direction },
      destination: {
        ...{ ...direction, writes: 'records', repeat: null },
        abilities: { follows: [], streams: 'A basket each.', deletions: '', evolution: '', repeat: '' },
      },
    },
    openSource: async () => ({
      streams: async () =>
        orchard.offered.map((name) => ({
          ...{ name, label: name === 'trees' ? 'Trees' : 'Apples', group: 'All', recommended: true },
          ...{ description: `The ${name}.`, modes: ['full', 'incremental'], deletes: 'none' },
          ...(name === 'trees' && { ranges: true }),
          parameters: [
            { name: 'above', label: 'Taller than', kind: 'number', required: false, help: 'In metres.' },
          ],
        })),
      open: async (selection) => openKind(orchard, selection),
      close: async () => undefined,
    }),
    openDestination: async () => ({
      open: async (plan) => openBasket(orchard, plan),
      close: async () => undefined,
    }),
  }
}

function openKind(orchard: Orchard, selection: Selection) {
  orchard.selections.push(selection)
  const { stream, parameters } = selection
  const fault = orchard.faults.get(stream)
  if (fault !== undefined) throw fault
  const above = Number(parameters['above'] ?? -1)
  // Trees are planted one a millisecond.
  const range = stream === 'trees' ? selection.range : undefined
  const isWithin = (height: number) => !range || (height >= range.fromMs && height < range.untilMs)
  const records = (orchard.records[stream] ?? []).filter(
    ({ height }) => Number(height) > above && isWithin(Number(height)),
  )
  return {
    ...{ columns: columnsOf(stream), key: 'id', ordered: true },
    ...(range && { excerpt: true as const }),
    count: async () => records.length,
    async *batches(position: unknown): AsyncGenerator<Batch> {
      for (let at = positionSchema.parse(position ?? 0); at < records.length; at += orchard.batchSize) {
        if (stream === 'trees' && at > 0) await orchard.ripe
        const end = Math.min(at + orchard.batchSize, records.length)
        yield { records: records.slice(at, end), position: end }
      }
    },
    close: async () => undefined,
  }
}

function columnsOf(kind: string): Column[] {
  const measure = kind === 'trees' ? 'height' : 'weight'
  return [
    { name: 'id', label: 'Id', type: 'text' },
    { name: measure, label: measure, type: 'number' },
  ]
}

function openBasket(orchard: Orchard, plan: StreamPlan) {
  orchard.plans.push(plan)
  const name = plan.target ?? 'the basket of the form'
  const basket = orchard.baskets.get(name) ?? new Map<string, DataRecord>()
  orchard.baskets.set(name, basket)
  const written = new Set<string>()
  const sweep: StreamWriter['sweep'] = async (_existing, allows) => {
    const gone = [...basket.keys()].filter((key) => !written.has(key))
    const held = { gone: gone.length, known: basket.size }
    if (gone.length > 0 && !allows(held)) return { deleted: 0, held, state: null }
    for (const key of gone) basket.delete(key)
    return { deleted: gone.length, state: null }
  }
  return {
    ...(orchard.compares && { sweep }),
    // Saved before anything is written, as what a destination notes of its place.
    state: { before: basket.size },
    write: async ({ records }: Pick<Batch, 'records'>) => {
      const refused = records.flatMap((record, index) =>
        orchard.rotten.has(String(record['id']))
          ? [{ index, code: 'record_refused', message: 'It is rotten.' }]
          : [],
      )
      const taken = records.filter((record) => !orchard.rotten.has(String(record['id'])))
      for (const record of taken) {
        basket.set(String(record['id']), record)
        written.add(String(record['id']))
      }
      return { written: taken.length, refused, notices: orchard.notices, state: null }
    },
    finish: async () => null,
    abort: async () => undefined,
    close: async () => undefined,
  }
}
