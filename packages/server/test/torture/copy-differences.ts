import type { Sandbox } from 'close-sandbox'
import { type CopiedStream, copied, copiedKinds } from './copying.ts'
import type { KeptCopy } from './kept-copy.ts'

/** `equal`, or what is not: how many records are lost, left over or old, by stream. */
export function differenceOf(sandbox: Sandbox, copy: KeptCopy): string {
  const faults: string[] = []
  const kinds: string[] = []
  for (const stream of Object.keys(copied) as CopiedStream[]) {
    const truth = new Map(truthOf(sandbox, stream).map((record) => [String(record['id']), record]))
    const records = copy.records(stream)
    const missing = [...truth.keys()].filter((id) => !records.has(id))
    const surplus = [...records.keys()].filter((id) => !truth.has(id))
    const old = [...truth].flatMap(([id, record]) => {
      const own = records.get(id)
      return own === undefined || textOf(own, stream) === textOf(record, stream) ? [] : [id]
    })
    if (missing.length > 0) kinds.push('lost')
    else if (surplus.length > 0) kinds.push('left over')
    else if (old.length > 0) kinds.push('old')
    for (const [what, all] of Object.entries({ lost: missing, 'left over': surplus, old })) {
      if (all.length > 0) faults.push(`${all.length} ${stream} ${what}, ${all[0]}`)
    }
  }
  const [worst] = ['lost', 'left over', 'old'].filter((kind) => kinds.includes(kind))
  return worst === undefined ? 'equal' : `${worst}: ${faults.join('; ')}`
}

type Shown = Readonly<Record<string, unknown>>

function truthOf(sandbox: Sandbox, stream: CopiedStream): Shown[] {
  const all = (type: string): Shown[] => sandbox.control.truth(sandbox.organizations[0]?.id ?? '', type)
  const types = { leads: 'lead', contacts: 'contact', opportunities: 'opportunity', tasks: 'task' } as const
  return stream === 'activities' ? copiedKinds.flatMap((kind) => all(`activity.${kind}`)) : all(types[stream])
}

/** What is copied of a record, however its dates are spelled. */
function textOf(record: Shown, stream: CopiedStream): string {
  const values = ['id', ...copied[stream]].map((name) => sorted(record[name] ?? null))
  return JSON.stringify(values).replaceAll(/(\d\d:\d\d:\d\d\.\d{6})(?:Z|\+00:00)?"/g, '$1"')
}

/** The members of objects, and what stands in lists of objects, in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      // A name that is copied from another record is as old as the record that shows it.
      .filter(([name]) => name !== 'contact_name')
      .map(([name, each]) => [name, sorted(each)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}
