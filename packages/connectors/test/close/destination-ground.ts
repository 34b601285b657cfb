import type { Column, DataRecord } from '@latchwork/contract'
import type { Sandbox } from 'close-sandbox'
import type { Config, ConnectorContext } from '../../src/index.ts'
import { openStreamWriter, type RecordWriter, testContext, type WriterOptions } from '../context.ts'
import { keyCredential, sandboxConnector } from './sandbox-access.ts'

export const text = (name: string): Column => ({ name, label: name, type: 'text' })
export const mapping = (...pairs: [string, string][]) =>
  JSON.stringify(pairs.map(([from, to]) => ({ from, to })))
export const createLeads = {
  object: 'leads',
  mode: 'create',
  mapping: mapping(['name', 'name'], ['note', 'description']),
}
export const columns = ['id', 'name', 'note'].map(text)
export const namesOf = (records: readonly DataRecord[]) => records.map(({ name }) => name).sort()

/** A Close that is written to, and what the test under way has made there. */
export class DestinationGround {
  readonly #sandbox: Sandbox
  #known = new Set<string>()
  #batch = 0

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox
  }

  /** For the next test: its records have names of their own, and Close is in order. */
  begin(): void {
    this.#batch += 1
    this.#known = new Set(this.leads().map((lead) => String(lead['id'])))
    this.#sandbox.control.clearFaults()
    this.#sandbox.control.setLatency(0)
  }

  truth(type: string) {
    return this.#sandbox.control.truth(this.#sandbox.organizations[0]?.id ?? '', type)
  }

  leads() {
    return this.truth('lead')
  }

  /** Leads made in this test. */
  made() {
    return this.leads().filter((lead) => !this.#known.has(String(lead['id'])))
  }

  /** Records of this test. */
  rows(count: number): DataRecord[] {
    return Array.from({ length: count }, (_, index) => ({
      id: `${index}`,
      name: `Made ${this.#batch}-${index}`,
      note: `note ${index}`,
    }))
  }

  async openWriter(
    config: Config,
    options: Partial<WriterOptions> = {},
    { listLagMs = 300, ...parts }: Partial<ConnectorContext> & { listLagMs?: number } = {},
  ): Promise<RecordWriter> {
    return openStreamWriter(
      sandboxConnector(this.#sandbox, { listLagMs }),
      config,
      keyCredential(this.#sandbox),
      testContext(parts),
      { columns, ...options },
    )
  }
}
