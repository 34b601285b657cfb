import type {
  Config,
  Connector,
  ConnectorContext,
  CredentialAccess,
  Selection,
  Source,
  StreamReader,
} from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'

/** Opens a source, and closes it after `work`. @throws LatchworkError `connector_unknown`, and as reading does */
export async function withSource<T>(
  { openSource }: Connector,
  config: Config,
  credential: CredentialAccess | null,
  context: ConnectorContext,
  work: (source: Source) => Promise<T>,
): Promise<T> {
  if (openSource === undefined) throw new LatchworkError('connector_unknown')
  const source = await openSource(config, credential, context)
  try {
    return await work(source)
  } finally {
    await source.close()
  }
}

/**
 * Opens a stream of a source for a look at its first records, and closes it after `work`.
 * @param chosen null: the first that the source's form names
 * @throws LatchworkError `streams_not_chosen`, `connector_unknown`, and as reading does
 */
export async function withStream<T>(
  connector: Connector,
  config: Config,
  credential: CredentialAccess | null,
  context: ConnectorContext,
  chosen: Selection | null,
  work: (reader: StreamReader) => Promise<T>,
): Promise<T> {
  const selection = chosen ?? connector.selectionsOf?.(config)[0]
  if (selection === undefined) throw new LatchworkError('streams_not_chosen')
  return withSource(connector, config, credential, context, async (source) => {
    const reader = await source.open(selection, 'sample', context.signal)
    try {
      return await work(reader)
    } finally {
      await reader.close()
    }
  })
}
