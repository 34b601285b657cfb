export const maxNameLength = 200

/** The name, or the name with the first number that makes it differ from all that are taken: "Leads 2". */
export function freeName(name: string, taken: readonly string[]): string {
  const used = new Set(taken.map((other) => other.toLowerCase()))
  if (name === '') return name
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? '' : ` ${n}`
    const candidate = `${name.slice(0, maxNameLength - suffix.length)}${suffix}`
    if (!used.has(candidate.toLowerCase())) return candidate
  }
}
