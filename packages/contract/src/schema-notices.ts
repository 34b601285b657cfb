/** Codes of notices of a run that tell of a change of columns. */
const codes: ReadonlySet<string> = new Set(['column_widened', 'schema_changed'])

/** Whether a notice tells of a change of columns. */
export function isSchemaNotice({ code }: { readonly code: string }): boolean {
  return codes.has(code)
}
