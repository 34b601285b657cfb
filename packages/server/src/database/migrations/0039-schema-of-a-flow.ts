/** A flow may have a schema of its own for its tables. Those of before go on with the one of their destination's form. */
export function schemaOfAFlow(): string[] {
  return ['alter table flows add column schema text']
}
