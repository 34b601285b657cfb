import {
  type ConnectorDefinition,
  type FieldDefinition,
  maxNameLength,
  visibleFields,
} from '@latchwork/contract'
import type { SideKind } from '../sides/queries.ts'
import type { SideDraft } from './draft.ts'

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
  const what = typed || template?.label || chosenIn(direction?.fields ?? [], side) || connector?.label || ''
  const joined =
    credentialName === null ? what : `${what} ${kind === 'source' ? 'from' : 'in'} ${credentialName}`
  return joined.slice(0, maxNameLength)
}

/** What the first choice of a form says. */
function chosenIn(fields: readonly FieldDefinition[], { config }: SideDraft): string | undefined {
  const choice = fields.find(({ kind, required }) => kind === 'select' && required)
  return choice?.options?.find(({ value }) => value === config[choice.name])?.label
}

export function suggestFlowName(sourceName: string, destinationName: string): string {
  return `${sourceName} → ${destinationName}`.slice(0, maxNameLength)
}
