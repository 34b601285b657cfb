import type { SideKind } from './queries.ts'

interface SideWords {
  readonly address: '/sources' | '/destinations'
  readonly newAddress: '/sources/new' | '/destinations/new'
  readonly description: string
  readonly title: string
  readonly one: string
  readonly capital: string
  readonly newLabel: string
  readonly selectTitle: string
  readonly selectHint: string
  readonly reuseLabel: string
  readonly reuseHint: string
  readonly reusePlaceholder: string
  readonly authenticateTitle: (system: string) => string
  readonly configureTitle: string
  readonly emptyTitle: string
  readonly emptyText: string
}

/** What the page calls the two sides. */
export const sideWords: Record<SideKind, SideWords> = {
  source: {
    address: '/sources',
    newAddress: '/sources/new',
    description: 'What flows read.',
    title: 'Sources',
    one: 'data source',
    capital: 'Data source',
    newLabel: 'New data source',
    selectTitle: 'Where do the records come from?',
    selectHint: 'Choose the system to read.',
    reuseLabel: 'Or use a data source you have',
    reuseHint: 'One source can feed any number of flows.',
    reusePlaceholder: 'Choose a data source',
    authenticateTitle: (system) => `Choose a credential for ${system}`,
    configureTitle: 'What should be read?',
    emptyTitle: 'No data sources yet',
    emptyText:
      'A data source says what to read: leads of a Close organization, or a file. Make one here, or together with a flow.',
  },
  destination: {
    address: '/destinations',
    newAddress: '/destinations/new',
    description: 'Where flows write.',
    title: 'Destinations',
    one: 'data destination',
    capital: 'Data destination',
    newLabel: 'New data destination',
    selectTitle: 'Where do the records go?',
    selectHint: 'Choose the system to write to.',
    reuseLabel: 'Or use a data destination you have',
    reuseHint: 'One destination can take the records of any number of flows.',
    reusePlaceholder: 'Choose a data destination',
    authenticateTitle: (system) => `Choose a credential for ${system}`,
    configureTitle: 'What should be written?',
    emptyTitle: 'No data destinations yet',
    emptyText:
      'A data destination says where records go: a file, a table of a database, or Close. Make one here, or together with a flow.',
  },
}
