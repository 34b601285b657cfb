/** A flow that many people want, as far as it can be chosen for them. */
export interface StartingPoint {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly source: Choice
  readonly destination: Choice
}

interface Choice {
  readonly connector: string
  /** One of the connector's templates. */
  readonly template: string
}

const closeLeads: Choice = { connector: 'close', template: 'leads' }

export const startingPoints: readonly StartingPoint[] = [
  {
    id: 'leads-to-spreadsheet',
    title: 'Leads to a spreadsheet',
    description: 'All leads of Close in a CSV file that spreadsheets open.',
    source: closeLeads,
    destination: { connector: 'files', template: 'csv' },
  },
  {
    id: 'leads-to-postgresql',
    title: 'Leads to PostgreSQL',
    description: 'All leads of Close in a table, kept up to date by every run.',
    source: closeLeads,
    destination: { connector: 'postgres', template: 'table' },
  },
  {
    id: 'csv-to-close',
    title: 'Import a CSV into Close',
    description: 'Every row of a file becomes a lead. You see it before anything is written.',
    source: { connector: 'files', template: 'csv' },
    destination: { connector: 'close', template: 'create-leads' },
  },
]
