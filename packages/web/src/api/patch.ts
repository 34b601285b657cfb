/**
 * What changed, and what stood there before: the server refuses it if somebody else has changed the same meanwhile.
 * @param seen the thing as the person saw it when they began
 */
export function patchOf<Fields extends object>(
  seen: NoInfer<Fields>,
  now: Fields,
): Partial<Fields> & { was: Partial<Fields> } {
  const names = (Object.keys(now) as (keyof Fields)[]).filter(
    (name) => JSON.stringify(seen[name]) !== JSON.stringify(now[name]),
  )
  const pick = (fields: Fields) => Object.fromEntries(names.map((name) => [name, fields[name]]))
  return { ...pick(now), was: pick(seen) } as Partial<Fields> & { was: Partial<Fields> }
}
