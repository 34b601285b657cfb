/**
 * A flow that reads everything remembers what each stream is called in its destination. Those of before go on with the
 * names of their sources.
 */
export function streamTargets(): string[] {
  return ['alter table flow_columns add column target text']
}
