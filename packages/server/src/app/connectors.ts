import {
  type Clock,
  type Connector,
  connectorMap,
  createCloseConnector,
  createFilesConnector,
  createPostgresConnector,
} from '@latchwork/connectors'

interface ConnectorSettings {
  readonly clock: Clock
  readonly closeApiUrl: string
  readonly closeAppUrl: string
  /** Absolute path of the folder with the data files. */
  readonly filesDir: string
  /** How far Close's lists may lag behind what was written; what is known of Close unless given. */
  readonly closeListLagMs?: number | undefined
  /** Further systems, beside those that come with Latchwork. */
  readonly further?: readonly Connector[] | undefined
}

/** Every system that can be connected, by its id. */
export function makeConnectors(settings: ConnectorSettings): ReadonlyMap<string, Connector> {
  const { clock, closeApiUrl: apiUrl, closeAppUrl: appUrl, filesDir, closeListLagMs, further = [] } = settings
  return connectorMap([
    createCloseConnector({ clock, apiUrl, appUrl, listLagMs: closeListLagMs }),
    createPostgresConnector({ clock }),
    createFilesConnector({ clock, folder: filesDir }),
    ...further,
  ])
}
