import type { ConnectorDefinition, FieldDefinition } from '@latchwork/contract'

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
    { value: 'csv', label: 'CSV', help: 'One row a record, column names in the first row. UTF-8.' },
  ],
}

const delimiter: FieldDefinition = {
  name: 'delimiter',
  label: 'Columns separated by',
  kind: 'select',
  required: false,
  defaultValue: 'comma',
  options: [
    { value: 'comma', label: 'Comma' },
    { value: 'semicolon', label: 'Semicolon' },
    { value: 'tab', label: 'Tab' },
  ],
  visibleWhen: { field: 'format', values: ['csv'] },
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
        config: { format: 'csv' },
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
      delimiter,
    ],
  },
  destination: {
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
        config: { format: 'csv' },
      },
    ],
    fields: [
      {
        name: 'file',
        label: 'File name',
        kind: 'text',
        required: true,
        help: 'In the data folder, for example leads.jsonl. The file is replaced as a whole when a run has finished, never before.',
        placeholder: 'leads.jsonl',
        suggestion: '{source}.{format}',
      },
      format,
      delimiter,
      {
        name: 'formulas',
        label: 'Text that looks like a formula',
        kind: 'select',
        required: false,
        defaultValue: 'protect',
        options: [
          {
            value: 'protect',
            label: 'Put an apostrophe before it',
            help: 'Text that begins with =, +, - or @ could run as a formula in a spreadsheet. The apostrophe prevents it.',
          },
          {
            value: 'keep',
            label: 'Leave it as it is',
            help: 'For files that only programs read.',
          },
        ],
        visibleWhen: { field: 'format', values: ['csv'] },
      },
    ],
  },
}
