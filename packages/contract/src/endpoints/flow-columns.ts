import { defineEndpoint } from '../endpoint.ts'
import * as c from '../flow-columns.ts'
import { of } from './shapes.ts'

/** What the columns of a flow are called in its destination. */
export const flowColumns = {
  columns: defineEndpoint({
    method: 'GET',
    path: '/api/flows/{id}/columns',
    summary: 'The columns of the last run of each stream, and what they are called in the destination',
    ...of('flow', 'collaborator'),
    audit: null,
    response: c.flowColumnsSchema,
    errors: ['flow_not_found'],
  }),
  takeNames: defineEndpoint({
    method: 'POST',
    path: '/api/flows/{id}/columns/take-names',
    summary: 'Call the columns in the destination as people call them now; the next run renames them',
    ...of('flow', 'admin'),
    audit: { action: 'flow.columns.name', subject: 'params.id' },
    response: c.flowColumnsSchema,
    errors: ['flow_not_found', 'run_active'],
  }),
  chooseColumn: defineEndpoint({
    method: 'POST',
    path: '/api/flows/{id}/columns/choose',
    summary:
      'Decide what becomes of a column whose type has changed; the next run reads its stream from the start',
    ...of('flow', 'admin'),
    audit: { action: 'flow.columns.choose', subject: 'params.id' },
    body: c.columnChoiceSchema,
    response: c.flowColumnsSchema,
    errors: ['flow_not_found', 'run_active', 'column_unchanged'],
  }),
}
