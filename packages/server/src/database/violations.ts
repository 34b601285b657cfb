import { LatchworkError, systemCode } from '@latchwork/contract'

/** The constraint that a statement violated; null for any other error. A doubled id counts as another error. */
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

/** Whether a statement violated any constraint, for example because of two requests at once. */
export function isViolation(error: unknown): boolean {
  const code = systemCode(error)
  return code === '23505' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY' || violation(error) !== null
}

/** Awaits a statement that gives a name. @throws LatchworkError `name_taken` if the owner uses the name already */
export async function refuseTakenName<T>(what: string, statement: Promise<T>): Promise<T> {
  try {
    return await statement
  } catch (error) {
    if (violation(error) !== 'unique') throw error
    const message = `You already have a ${what} with this name. Choose another name.`
    throw new LatchworkError('name_taken', { message, errors: [{ field: 'name', rule: 'unique', message }] })
  }
}
