import type { ConnectorDefinition, FieldDefinition } from '@latchwork/contract'
import { csvDestinationFields, csvSourceFields, jsonDestinationFields } from './definition-fields.ts'

const format: FieldDefinition = {
  name: 'format',
  label: 'Format',
  kind: 'select',
  required: true,
  defaultValue: 'jsonl',
  options: [
    {
      value: 'jsonl',
      label: 'JSON Lines',
      help: 'One JSON object a line. Keeps every type and nested value.',
    },
    { value: 'csv', label: 'CSV', help: 'One row a record, column names in the first row.' },
  ],
}

/** The definition of the files connector. It needs no credential: it reads and writes the server's data folder. */
export const filesDefinition: ConnectorDefinition = {
  id: 'files',
  label: 'Files',
  description: 'JSON Lines and CSV files in the data folder of this server.',
  icon: 'file',
  accountWord: 'folder',
  methods: [],
  cures: {},
  source: {
    defaultTemplate: 'jsonl',
    templates: [
      {
        id: 'jsonl',
        label: 'JSON Lines',
        description: 'Read a file with one JSON object a line.',
        icon: 'file-text',
        config: { format: 'jsonl' },
      },
      {
        id: 'csv',
        label: 'CSV',
        description: 'Read a table with column names in its first row.',
        icon: 'table',
        config: { format: 'csv', numbers: 'auto', dates: 'auto' },
      },
    ],
    fields: [
      {
        name: 'file',
        label: 'File',
        kind: 'file',
        required: true,
        help: 'A file of the data folder. Upload one, or choose what a flow has written.',
      },
      format,
      ...csvSourceFields,
    ],
  },
  destination: {
    writes: 'whole',
    columns: 'named',
    repeat: null,
    abilities: {
      follows: ['mark', 'remove'],
      streams: 'A file for each stream, which is seen only when it is whole.',
      deletions:
        'A whole file has no deleted records. A file of changes has a line for each, with the time in `_deleted_at`.',
      evolution: 'Each file has the columns of its own run.',
      repeat:
        'Safe: a full run replaces the whole file. A run that reads changes writes them into a file of their own, named by the time.',
    },
    defaultTemplate: 'jsonl',
    templates: [
      {
        id: 'jsonl',
        label: 'JSON Lines',
        description: 'Write one JSON object a line; nothing is lost or flattened.',
        icon: 'file-text',
        config: { format: 'jsonl' },
      },
      {
        id: 'csv',
        label: 'CSV',
        description: 'Write a table that spreadsheets open.',
        icon: 'table',
        config: { format: 'csv', mark: 'yes' },
      },
    ],
    fields: [
      {
        name: 'file',
        label: 'File name',
        kind: 'text',
        required: true,
        help: 'In the data folder, for example leads.jsonl. A run replaces the whole file when it has finished. Several streams have a file each beside it, like leads-contacts.jsonl.',
        placeholder: 'leads.jsonl',
        suggestion: '{source}.{format}',
      },
      format,
      ...jsonDestinationFields,
      ...csvDestinationFields,
    ],
  },
}
