import type { JsonObject } from '../json.ts'

/** The fields of an opportunity for which nothing was given. Attachments are one list for each. */
export const opportunityDefaults = (): JsonObject => ({
  value: null,
  value_currency: 'USD',
  value_period: 'one_time',
  confidence: 50,
  note: '',
  note_html: '<body><p></p></body>',
  attachments: [],
  date_won: null,
  date_lost: null,
})
