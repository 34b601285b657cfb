/** Which promise of the tables a statement would have broken; null for any other error. A doubled id is none. */
export function violation(error: unknown): 'unique' | 'foreign_key' | null {
  if (!(error instanceof Error) || !('code' in error)) return null
  switch (error.code) {
    case 'SQLITE_CONSTRAINT_UNIQUE':
      return 'unique'
    case 'SQLITE_CONSTRAINT_FOREIGNKEY':
    case '23503':
      return 'foreign_key'
    case '23505':
      return 'constraint' in error && String(error.constraint).endsWith('_pkey') ? null : 'unique'
    default:
      return null
  }
}
