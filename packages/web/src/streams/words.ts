import type { ColumnType, Deletions, SyncMode } from '@latchwork/contract'

export const modeWords: Readonly<Record<SyncMode, { readonly label: string; readonly help: string }>> = {
  incremental: {
    label: 'What changed',
    help: 'The first run reads everything, each later one what changed since.',
  },
  full: { label: 'Everything, each time', help: 'Each run reads all records again.' },
}

export const deletionWords: Readonly<Record<Deletions, { readonly label: string; readonly help: string }>> = {
  mark: { label: 'Mark it', help: 'The record stays, with the time in _deleted_at.' },
  remove: { label: 'Delete it there too', help: 'The record is deleted from the destination.' },
  leave: { label: 'Leave it as it is', help: 'The record stays as it was last read.' },
}

export const typeWords: Readonly<Record<ColumnType, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  date: 'Date',
  time: 'Date and time',
  json: 'List or object',
}
