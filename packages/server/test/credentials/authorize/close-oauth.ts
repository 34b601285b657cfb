import { systemClock } from '@latchwork/close'
import { type Connector, createCloseConnector, type OAuthServer } from '@latchwork/connectors'

/** The Close connector alone, with its OAuth server at `url`. */
export function closeConnectors(url: string, appUrl = url): ReadonlyMap<string, Connector> {
  const close = createCloseConnector({ clock: systemClock, apiUrl: url, appUrl })
  return new Map([[close.definition.id, close]])
}

/** Where the Close connector says that its OAuth server stands. */
export function closeOAuth(url: string, appUrl = url): OAuthServer {
  const { oauth } = createCloseConnector({ clock: systemClock, apiUrl: url, appUrl })
  if (oauth === undefined) throw new Error('the Close connector names no OAuth server')
  return oauth
}
