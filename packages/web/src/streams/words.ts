import type { ColumnType, Deletions, OfferedStream, SameRecords, SyncMode } from '@latchwork/contract'

export const modeWords: Readonly<Record<SyncMode, { readonly label: string; readonly help: string }>> = {
  incremental: {
    label: 'What changed',
    help: 'The first run reads everything, each later one what changed since.',
  },
  full: {
    label: 'Everything, each time',
    help: 'Each run reads all records again, and notices which are gone.',
  },
}

/** How a stream is read in a mode: "What changed, deletions seen". */
export function readingWords(mode: SyncMode, { deletes }: Pick<OfferedStream, 'deletes'>): string {
  const { label } = modeWords[mode]
  if (mode === 'full') return label
  return deletes === 'none' ? `${label}, deletions not seen` : `${label}, deletions seen`
}

export const deletionWords: Readonly<Record<Deletions, { readonly label: string; readonly help: string }>> = {
  mark: { label: 'Mark it', help: 'The record stays, with the time in _deleted_at.' },
  remove: { label: 'Delete it there too', help: 'The record is deleted from the destination.' },
  leave: { label: 'Leave it as it is', help: 'The record stays as it was last read.' },
}

export const sameRecordsWords: Readonly<
  Record<SameRecords, { readonly label: string; readonly help: string }>
> = {
  parts: {
    label: 'Each kind by itself',
    help: 'Each kind has a table or file of its own, with all of its fields. Each record is read once.',
  },
  whole: {
    label: 'All together',
    help: 'One table or file has all kinds, with the fields that they share. Each record is read once.',
  },
  both: { label: 'Both', help: 'Each record is read twice: with its kind, and together with all others.' },
}

export const typeWords: Readonly<Record<ColumnType, string>> = {
  text: 'Text',
  number: 'Number',
  boolean: 'Yes or no',
  date: 'Date',
  time: 'Date and time',
  json: 'List or object',
}
