import { type ConnectorDefinition, visibleFields } from '@latchwork/contract'
import type { SideKind } from '../sides/queries.ts'
import type { SideDraft } from './draft.ts'

export const maxNameLength = 200

/**
 * A name for a side that nobody named: what it reads or writes, and through which credential. "Leads from Sales",
 * "Create contacts in Sales", "partners.csv".
 */
export function suggestSideName(
  kind: SideKind,
  side: SideDraft,
  connector: ConnectorDefinition | undefined,
  credentialName: string | null,
): string {
  const direction = connector?.[kind]
  const typed = visibleFields(direction?.fields ?? [], side.config)
    .filter((field) => field.required && (field.kind === 'text' || field.kind === 'file'))
    .map((field) => side.config[field.name]?.trim() ?? '')
    .at(-1)
  const template = direction?.templates.find((candidate) => candidate.id === side.templateId)
  const what = typed || template?.label || connector?.label || ''
  const joined =
    credentialName === null ? what : `${what} ${kind === 'source' ? 'from' : 'in'} ${credentialName}`
  return joined.slice(0, maxNameLength)
}

export function suggestFlowName(sourceName: string, destinationName: string): string {
  return `${sourceName} → ${destinationName}`.slice(0, maxNameLength)
}

/** The name, or the name with the first number that makes it differ from all that are taken. */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((other) => other.toLowerCase()))
  if (name === '' || !used.has(name.toLowerCase())) return name
  for (let n = 2; ; n++) {
    const suffix = ` (${n})`
    const candidate = `${name.slice(0, maxNameLength - suffix.length)}${suffix}`
    if (!used.has(candidate.toLowerCase())) return candidate
  }
}
