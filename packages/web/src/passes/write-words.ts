import type { PassWriteDetails, PassWriteState } from '@latchwork/contract'

export const kindWords: Readonly<Record<PassWriteDetails['kind'], string>> = {
  create: 'Create a record',
  change: 'Change',
  delete: 'Delete',
  other: 'Send a request',
}

export const stateWords: Readonly<Record<PassWriteState, string>> = {
  waiting: 'waits',
  sending: 'is being sent',
  sent: 'confirmed and sent',
  failed: 'confirmed, but it failed',
  in_doubt: 'confirmed; nobody can tell whether it took effect',
  refused: 'refused',
  expired: 'nobody answered in time',
}
