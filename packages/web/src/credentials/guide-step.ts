import type { FieldDefinition, MethodDefinition } from '@latchwork/contract'

/** The position of the guide's step that speaks of a field: as its definition says, or the first that names it. */
export function stepOf(
  guide: MethodDefinition['guide'],
  label: string,
  guideStep: FieldDefinition['guideStep'],
): number | null {
  if (guideStep !== undefined) return guideStep
  const named = guide.steps.findIndex((step) => step.text.includes(`**${label}**`))
  return named === -1 ? null : named
}
