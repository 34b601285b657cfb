import type {
  Config,
  Connector,
  ConnectorContext,
  CredentialAccess,
  StreamReader,
} from '@latchwork/connectors'
import { LatchworkError } from '@latchwork/contract'

/**
 * Opens the first stream that a source reads, for a look at its first records, and closes it after `work`.
 * @throws LatchworkError `connector_unknown`, and as reading does
 */
export async function withFirstStream<T>(
  { openSource, selectionsOf }: Connector,
  config: Config,
  credential: CredentialAccess | null,
  context: ConnectorContext,
  work: (reader: StreamReader) => Promise<T>,
): Promise<T> {
  const [selection] = selectionsOf?.(config) ?? []
  if (openSource === undefined || selection === undefined) throw new LatchworkError('connector_unknown')
  const source = await openSource(config, credential, context)
  try {
    const reader = await source.open(selection, 'sample', context.signal)
    try {
      return await work(reader)
    } finally {
      await reader.close()
    }
  } finally {
    await source.close()
  }
}
