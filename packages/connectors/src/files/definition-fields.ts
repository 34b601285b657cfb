import type { FieldDefinition } from '@latchwork/contract'
import { encodingLabels } from './encoding.ts'

/* The fields of a file. Where a field was not there yet when a source or destination was saved, its default does what was done then. */

const onlyCsv: Pick<FieldDefinition, 'visibleWhen'> = { visibleWhen: { field: 'format', values: ['csv'] } }
const found = { value: 'auto', label: 'Found by looking at the file' } as const
const delimiterOptions = [
  { value: 'comma', label: 'Comma' },
  { value: 'semicolon', label: 'Semicolon' },
  { value: 'tab', label: 'Tab' },
  { value: 'pipe', label: 'Vertical bar' },
]

/** How a CSV file is read. */
export const csvSourceFields: FieldDefinition[] = [
  {
    name: 'delimiter',
    label: 'Columns separated by',
    kind: 'select',
    required: false,
    defaultValue: 'auto',
    options: [found, ...delimiterOptions],
    ...onlyCsv,
  },
  {
    name: 'encoding',
    label: 'Encoding',
    kind: 'select',
    required: false,
    help: 'How letters are stored. Test shows what was found.',
    defaultValue: 'auto',
    options: [found, ...Object.entries(encodingLabels).map(([value, label]) => ({ value, label }))],
    ...onlyCsv,
  },
  {
    name: 'numbers',
    label: 'Numbers',
    kind: 'select',
    required: false,
    help: 'Read where every value of a column is a number. Test shows examples.',
    defaultValue: 'text',
    options: [
      { ...found, help: 'Columns that can be read in two ways stay text.' },
      { value: 'comma', label: '1.234,50', help: 'The comma is the decimal sign.' },
      { value: 'point', label: '1,234.50', help: 'The point is the decimal sign.' },
      { value: 'text', label: 'Left as text' },
    ],
    ...onlyCsv,
  },
  {
    name: 'dates',
    label: 'Dates',
    kind: 'select',
    required: false,
    help: 'Read where every value of a column is a date, and written as 2026-12-31.',
    defaultValue: 'text',
    options: [
      { ...found, help: 'Columns that can be read in two ways stay text.' },
      { value: 'dmy', label: '31.12.2026', help: 'The day comes first.' },
      { value: 'mdy', label: '12/31/2026', help: 'The month comes first.' },
      { value: 'text', label: 'Left as text' },
    ],
    ...onlyCsv,
  },
  {
    name: 'escaped',
    label: 'Apostrophe before a formula',
    kind: 'select',
    required: false,
    help: 'Files for spreadsheets have one before text that begins with =, +, - or @.',
    defaultValue: 'auto',
    options: [
      { ...found, help: 'Taken away if every such text has one.' },
      { value: 'undo', label: 'Take it away' },
      { value: 'keep', label: 'Keep it' },
    ],
    ...onlyCsv,
  },
]

/** How JSON lines are written. */
export const jsonDestinationFields: FieldDefinition[] = [
  {
    name: 'keys',
    label: 'Keys',
    kind: 'select',
    required: false,
    defaultValue: 'names',
    options: [
      {
        value: 'names',
        label: 'Names of columns',
        help: 'As the flow names them (number_of_seats): they stay when a label changes.',
      },
      { value: 'ids', label: 'Names of the source', help: 'Custom fields by their ids (custom.cf_…).' },
    ],
    visibleWhen: { field: 'format', values: ['jsonl'] },
  },
]

/** How a CSV file is written. */
export const csvDestinationFields: FieldDefinition[] = [
  {
    name: 'delimiter',
    label: 'Columns separated by',
    kind: 'select',
    required: false,
    defaultValue: 'comma',
    options: delimiterOptions,
    ...onlyCsv,
  },
  {
    name: 'formulas',
    label: 'Made for',
    kind: 'select',
    required: false,
    defaultValue: 'protect',
    options: [
      {
        value: 'protect',
        label: 'Spreadsheets',
        help: 'Text that could run as a formula (it begins with =, +, - or @) gets an apostrophe before it. Signed numbers and telephone numbers stay as they are. A source here takes the apostrophe away again.',
      },
      { value: 'keep', label: 'Programs', help: 'Every text as it is.' },
    ],
    ...onlyCsv,
  },
  {
    name: 'mark',
    label: 'Byte order mark',
    kind: 'select',
    required: false,
    help: 'Excel on Windows shows umlauts and accents right only with it.',
    defaultValue: 'no',
    options: [
      { value: 'yes', label: 'With' },
      { value: 'no', label: 'Without' },
    ],
    visibleWhen: { field: 'formulas', values: ['protect'] },
  },
  {
    name: 'header',
    label: 'First row',
    kind: 'select',
    required: false,
    defaultValue: 'names',
    options: [
      {
        value: 'names',
        label: 'Names of columns',
        help: 'As the flow names them (number_of_seats): they stay when a label changes.',
      },
      { value: 'labels', label: 'Labels', help: 'As people call them.' },
      { value: 'ids', label: 'Names of the source', help: 'Custom fields by their ids (custom.cf_…).' },
    ],
    ...onlyCsv,
  },
]
