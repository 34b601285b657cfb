/** Which column of the source goes into which field of Close. */
export interface MappingEntry {
  readonly from: string
  readonly to: string
}

/** The mapping of a destination's form, or what is wrong with it. */
export function parseMapping(text: string): readonly MappingEntry[] | { readonly fault: string } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: 'is not valid JSON' }
  }
  if (!Array.isArray(value) || !value.every(isEntry))
    return { fault: 'must be a list of pairs with "from" and "to"' }
  const entries = value.map(({ from, to }): MappingEntry => ({ from, to }))
  if (entries.length === 0) return { fault: 'needs at least one field' }
  const twice = entries.find(({ to }, index) => entries.findIndex((other) => other.to === to) !== index)
  return twice === undefined ? entries : { fault: `writes to ${twice.to} twice` }
}

function isEntry(value: unknown): value is MappingEntry {
  return (
    typeof value === 'object' &&
    value !== null &&
    'from' in value &&
    'to' in value &&
    typeof value.from === 'string' &&
    typeof value.to === 'string' &&
    value.from !== '' &&
    value.to !== ''
  )
}
