import type { Connector, PlannedPreview } from '../interface.ts'
import { fileFaults } from './data-file.ts'
import { filesDefinition } from './definition.ts'
import { openFileDestination } from './destination.ts'
import { streamFileName } from './file-names.ts'
import type { FilesParts } from './file-record.ts'
import { fileSelections, openFileSource } from './source.ts'

/** JSON Lines and CSV files in the server's data folder. */
export const createFilesConnector = (parts: FilesParts): Connector => ({
  definition: filesDefinition,
  fileField: 'file',
  validateSource: fileFaults,
  validateDestination: fileFaults,
  selectionsOf: fileSelections,
  openSource: async (config, _credential, context) => openFileSource(config, { ...parts, ...context }),
  openDestination: async (config, _credential, context, options) =>
    openFileDestination(config, { ...parts, ...context }, options),
  writesTo: ({ file = '' }, _values, { target }) => ({
    ...{ kind: 'file', place: '' },
    name: target === null ? file : streamFileName(file, target),
  }),
  preview: async (_config, _credential, _context, dataset): Promise<PlannedPreview> => ({
    sourceColumns: [...dataset.columns],
    targetColumns: [],
    rows: dataset.records.map((record) => ({
      before: record,
      after: record,
      action: 'write',
      message: null,
    })),
  }),
})
