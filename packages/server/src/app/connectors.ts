import type { Budget } from '@latchwork/close'
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
  /** How far Close's lists may lag after a write; the default is what is known of Close. */
  readonly closeListLagMs?: number | undefined
  /** The budget of an organization of Close. */
  readonly budgetOf?: ((organization: string) => Budget) | undefined
  /** Systems besides those that come with Latchwork. */
  readonly further?: readonly Connector[] | undefined
}

/** Every system that can be connected, by its id. */
export function makeConnectors(settings: ConnectorSettings): ReadonlyMap<string, Connector> {
  const { clock, closeApiUrl: apiUrl, closeAppUrl: appUrl, filesDir, closeListLagMs } = settings
  const { budgetOf, further = [] } = settings
  return connectorMap([
    createCloseConnector({ clock, apiUrl, appUrl, listLagMs: closeListLagMs, ...(budgetOf && { budgetOf }) }),
    createPostgresConnector({ clock }),
    createFilesConnector({ clock, folder: filesDir }),
    ...further,
  ])
}
