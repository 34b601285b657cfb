import { createHash } from 'node:crypto'
import { isSchemaNotice, newId, type RunNotice, type RunStream } from '@latchwork/contract'
import type { AlertStore, NewAlert } from '../../alerts/store.ts'
import type { FlowRow } from '../store/flows.ts'
import type { RunRow } from '../store/run-row.ts'
import type { RunStore } from '../store/runs.ts'
import type { Volume } from '../store/volumes.ts'
import { StreamVolumes } from './volume.ts'

export interface WatchStores {
  readonly alerts: Pick<AlertStore, 'change' | 'tell'>
  readonly runs: Pick<RunStore, 'volumesOf' | 'noteRead' | 'shownStreams'>
}

export type WatchedFlow = Pick<FlowRow, 'id' | 'name' | 'ownerId' | 'watch' | 'readAt'>
type Trouble = 'emptied' | 'quiet' | 'unusual' | 'schema'

const hourMs = 3_600_000
/** So many streams or columns stand in one alert. */
const namedInAlert = 5

/**
 * Looks at what a run read when it has come to its end, and tells the flow's owner what is strange about it. Each
 * condition is told once, until it has passed. docs/flows.md tells the rules.
 */
export class FlowWatcher {
  readonly #stores: WatchStores

  constructor(stores: WatchStores) {
    this.#stores = stores
  }

  /** Within the unit of work that ends the run. */
  async ended(run: RunRow, flow: WatchedFlow): Promise<void> {
    const streams = await this.#stores.runs.shownStreams(run.id)
    const volumes = Map.groupBy(await this.#stores.runs.volumesOf(flow.id), ({ stream }) => stream)
    const read = streams.flatMap(({ stream, label }): ReadStream[] => {
      const all = volumes.get(stream)
      return all?.[0]?.runId === run.id
        ? [{ stream, label, now: all[0], volumes: new StreamVolumes(all) }]
        : []
    })
    await this.#emptied(flow, read)
    await this.#quiet(flow, read, run.finishedAt ?? run.createdAt)
    await this.#unusual(flow, read)
    await this.#schema(flow, run)
  }

  async #emptied(flow: WatchedFlow, read: readonly ReadStream[]): Promise<void> {
    const empty = flow.watch.quietHours === null ? [] : read.filter(({ volumes }) => volumes.isEmptied())
    // How it was before is forgotten after some runs: it is empty until it reads something.
    const judged = read.filter(({ now }) => now.full && (now.records > 0 || flow.watch.quietHours === null))
    const { begun, ended } = await this.#change(flow, 'emptied', [...judged, ...empty], empty)
    await this.#dataAgain(flow, ended)
    if (begun.length === 0) return
    const text = `${listed(begun.map(({ label }) => label))}: no record, where its runs before always read some. Look at the source: has it been emptied, or does its filter fit nothing any more?`
    await this.#tell(flow, 'flow_no_data', `“${flow.name}” reads no records`, text)
  }

  async #quiet(flow: WatchedFlow, read: readonly ReadStream[], nowMs: number): Promise<void> {
    const followed = read.filter(({ now }) => !now.full)
    if (followed.length === 0) return
    const { quietHours } = flow.watch
    const reads = followed.some(({ now }) => now.records > 0)
    if (reads) await this.#stores.runs.noteRead(flow.id)
    const lasted = reads || flow.readAt === null ? 0 : nowMs - flow.readAt
    const isQuiet = quietHours !== null && lasted >= quietHours * hourMs
    const all = [{ stream: '' }]
    const { begun, ended } = await this.#change(flow, 'quiet', all, isQuiet ? all : [])
    if (ended.length > 0) await this.#dataAgain(flow, followed)
    if (begun.length === 0) return
    const hours = Math.floor(lasted / hourMs)
    const text = `Its runs have read no change for ${hours} hours; ${quietHours} were chosen as the longest. Does anybody still work in the source, and does the credential see all of it?`
    await this.#tell(flow, 'flow_no_data', `“${flow.name}” reads no records`, text)
  }

  async #unusual(flow: WatchedFlow, read: readonly ReadStream[]): Promise<void> {
    const far = read.flatMap((each) => {
      const usual = each.volumes.unusual(flow.watch)
      return usual === null ? [] : [{ ...each, ...usual }]
    })
    const { begun } = await this.#change(flow, 'unusual', read, far)
    if (begun.length === 0) return
    const words = begun.map(
      ({ label, records, usual, now }) =>
        `${label}: ${number(records)} records, where ${now.full ? `${number(usual)} are usual` : `its runs before read ${number(usual)} at most`}.`,
    )
    const title = `“${flow.name}” read an unusual number of records`
    await this.#tell(flow, 'flow_unusual', title, sentences(words))
  }

  async #schema(flow: WatchedFlow, { notices }: Pick<RunRow, 'notices'>): Promise<void> {
    const changes = flow.watch.schemaChanges ? notices.filter(isSchemaNotice) : []
    const named = changes.map((each) => ({
      ...each,
      stream: digest(`${each.code} ${each.column} ${each.message}`),
    }))
    const { begun } = await this.#change(flow, 'schema', null, named)
    if (begun.length === 0) return
    const text = sentences(begun.map(schemaWords))
    await this.#tell(flow, 'flow_schema_changed', `“${flow.name}”: columns have changed`, text)
  }

  /** What was told to have none has some. A watch that was switched off ends the condition too, without a word. */
  async #dataAgain(flow: WatchedFlow, ended: readonly ReadStream[]): Promise<void> {
    const read = ended.filter(({ now }) => now.records > 0)
    if (read.length === 0) return
    const text = listed(read.map(({ label, now }) => `${label}: ${number(now.records)}`))
    await this.#tell(flow, 'flow_data_again', `“${flow.name}” reads records again`, `${text}.`)
  }

  /** @returns those of `hold` that did not hold before, and the judged ones that do no more */
  async #change<J extends { readonly stream: string }, T extends { readonly stream: string }>(
    flow: WatchedFlow,
    trouble: Trouble,
    judged: readonly J[] | null,
    hold: readonly T[],
  ): Promise<{ readonly begun: readonly T[]; readonly ended: readonly J[] }> {
    const { begun, ended } = await this.#stores.alerts.change(
      `flow-${trouble}:${flow.id}`,
      judged?.map(({ stream }) => stream) ?? null,
      hold.map(({ stream }) => stream),
    )
    return {
      begun: hold.filter(({ stream }) => begun.has(stream)),
      ended: (judged ?? []).filter(({ stream }) => ended.has(stream)),
    }
  }

  async #tell(flow: WatchedFlow, kind: NewAlert['kind'], title: string, message: string): Promise<void> {
    const about = { credentialId: null, flowId: flow.id, ownerId: flow.ownerId, code: null }
    await this.#stores.alerts.tell({ id: newId('alert'), kind, title, message, ...about })
  }
}

interface ReadStream extends Pick<RunStream, 'stream' | 'label'> {
  readonly now: Volume
  readonly volumes: StreamVolumes
}

function listed(names: readonly string[]): string {
  const more = names.length - namedInAlert
  return `${names.slice(0, namedInAlert).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function sentences(all: readonly string[]): string {
  const more = all.length - namedInAlert
  return `${all.slice(0, namedInAlert).join(' ')}${more > 0 ? ` And ${more} more: see its run.` : ''}`
}

/** Of a column that was widened the notice shows a value, which goes into no mail. */
function schemaWords({ code, column, message }: RunNotice): string {
  return code === 'column_widened'
    ? `The column ${column} of the destination became another type, since a record did not fit.`
    : message
}

function number(count: number): string {
  return count.toLocaleString('en')
}

/** A message may be long. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 32)
}
