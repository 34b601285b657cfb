import {
  type Config,
  type Connector,
  type ConnectorContext,
  fileNameFault,
  type WritableFile,
} from '@latchwork/connectors'
import type { SideRow } from '../flows/store/sides.ts'
import type { Files, OpenedFile } from './files.ts'
import type { FileRow } from './store.ts'

/** What a connector is opened with, so that it finds only the file that its form names. */
interface ForConnector {
  readonly config: Config
  readonly around: Pick<ConnectorContext, 'folder'>
  /** Null if the connector has none. */
  readonly file: FileRow | null
}

/**
 * @param end a saved source, or only its form
 * @param memberId who must be allowed to use the file
 * @throws {LatchworkError} `file_not_found`
 */
export function fileOfSource(
  files: Files,
  connector: Connector,
  side: Pick<SideRow, 'config'> & Partial<SideRow>,
  memberId: string,
): Promise<ForConnector> {
  const { id, ownerId, config } = side
  const saved = id === undefined || ownerId === undefined ? undefined : { id, ownerId }
  return found(connector, config, (named) => files.toRead(memberId, named, saved))
}

/** As `fileOfSource`, for a file that is to be written. */
export function fileOfDestination(
  files: Files,
  connector: Connector,
  config: Config,
  memberId: string,
): Promise<ForConnector> {
  return found(connector, config, (named) => files.toWrite(memberId, named))
}

/** What a run writes beside the file that its destination's form names: a file for each stream, and for its changes. */
export class FilesBeside {
  readonly #files: Files
  readonly #memberId: string
  readonly #rows = new Map<string, FileRow>()

  /** @param memberId the flow's owner: who must be allowed to write them, and who owns those that are made */
  constructor(files: Files, memberId: string) {
    this.#files = files
    this.#memberId = memberId
  }

  /** @throws {LatchworkError} as `Files.toWrite` */
  async open(name: string): Promise<WritableFile> {
    const { file, folder } = await this.#files.toWrite(this.#memberId, name)
    this.#rows.set(name, file)
    const { most, claim } = await this.#files.spaceFor(file)
    const claimed = async (bytes: number): Promise<void> => {
      // A run may take hours.
      const refusal = await this.#files.refusal(this.#memberId, null, file)
      if (refusal !== null) throw refusal
      await claim(bytes)
    }
    return { folder, storedName: file.storedName, space: { most, claim: claimed } }
  }

  /** Names that begin so. */
  names(start: string): Promise<string[]> {
    return this.#files.namesOf(this.#memberId, start)
  }

  /** One that was opened; null if none of that name was. */
  named(name: string | undefined): FileRow | null {
    return (name !== undefined && this.#rows.get(name)) || null
  }
}

/** The file that a form names; null if it names none, or if the connector will refuse the name. */
export function namedFile({ fileField }: Connector, config: Config): string | null {
  // Trimmed as the form is, so that the connector opens the file that was checked here.
  const named = fileField === undefined ? undefined : config[fileField]?.trim()
  return named === undefined || fileNameFault(named) !== null ? null : named
}

async function found(
  connector: Connector,
  config: Config,
  find: (named: string) => Promise<OpenedFile>,
): Promise<ForConnector> {
  const named = namedFile(connector, config)
  if (named === null || connector.fileField === undefined) return { config, around: {}, file: null }
  const { file, folder } = await find(named)
  return { config: { ...config, [connector.fileField]: file.storedName }, around: { folder }, file }
}
