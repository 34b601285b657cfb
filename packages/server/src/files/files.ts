import type { Readable } from 'node:stream'
import { idSchema, LatchworkError, newId, type StoredFile, type User } from '@latchwork/contract'
import type { PageOf, PageQuery } from '../database/paging.ts'
import type { Pause, PauseStore } from '../flows/store/pauses.ts'
import type { SideRow } from '../flows/store/sides.ts'
import { type AccessRules, memberOf, viewerOf } from '../identity/rules.ts'
import type { MemberStore } from '../identity/store/members.ts'
import type { Logger } from '../logging/logger.ts'
import type { MemberShares } from '../shares/limits.ts'
import { fileSpaceFull, type Shares } from '../shares/shares.ts'
import type { DataFolder } from './data-folder.ts'
import { checkName, maxUploadBytes, notFound, tooLarge } from './refusals.ts'
import type { FileRow, FileStore } from './store.ts'

export interface FilesParts {
  readonly stores: { readonly files: FileStore; readonly members: MemberStore } & {
    readonly pauses: Pick<PauseStore, 'pause'>
  }
  readonly permission: {
    /** The pauses of the flows that need a file which somebody deletes. */
    pausesBy(user: User, kind: 'file', flowIds: readonly string[]): Promise<Pause[]>
  }
  readonly rules: AccessRules
  readonly folder: DataFolder
  readonly shares: Shares
  readonly limits: Pick<MemberShares, 'fileBytes'>
  readonly log: Logger
}

/** A file as a connector gets it: its folder, and its name there. */
export interface OpenedFile {
  readonly file: FileRow
  readonly folder: string
}

/** How much a file may hold: `most` bytes, and `claim` before its content is replaced. */
export interface FileSpace {
  readonly most: number
  /** @throws {LatchworkError} `file_space_full`, `file_not_found` if it was deleted meanwhile */
  claim(bytes: number): Promise<void>
}

/** The answer, which is the same for everybody. */
type FileDetails = Omit<StoredFile, 'yourRole'>
type Source = Pick<SideRow, 'id' | 'ownerId'>

const fileId = idSchema('file')

/**
 * Files and who may read and write them: for requests, samples and runs alike.
 *
 * A name means a member's own file or, if there is none, a usable file of the administrators. A file of another member
 * is named by its id, so that nobody can replace another file by a file of the same name.
 */
export class Files {
  readonly #parts: FilesParts

  constructor(parts: FilesParts) {
    this.#parts = parts
  }

  /** The files that a person may use, by name. One that is gone from the folder is counted, but not among the items. */
  async list(query: Pick<PageQuery, 'limit' | 'cursor'>, user: User): Promise<PageOf<FileDetails>> {
    const { stores, folder } = this.#parts
    await stores.files.adopt(await folder.namesByHand())
    const { items: rows, ...page } = await stores.files.list(query, viewerOf(user))
    const names = new Map((await stores.members.list()).map(({ id, name }) => [id, name]))
    const shown = await Promise.all(
      rows.map(async ({ id, name, ownerId, ...place }): Promise<FileDetails[]> => {
        const found = await folder.look(place)
        if (found === null) return []
        const owner = ownerId === null ? null : { id: ownerId, name: names.get(ownerId) ?? '' }
        return [{ id, name, owner, ...found }]
      }),
    )
    return { items: shown.flat(), ...page }
  }

  /**
   * A file with its bytes.
   * @param named its id, or its name
   * @throws {LatchworkError} `invalid_input` for what is no file name, `file_not_found`
   */
  async read(user: User, named: string): Promise<{ file: FileRow; length: number; bytes: Readable }> {
    checkName(named)
    const file = await this.#usable(user.id, named)
    const read = await this.#parts.folder.read(file)
    if (read === null) throw notFound(named)
    return { file, ...read }
  }

  /**
   * Stores an upload: replaces the file that is named, or makes one of the user's own.
   * @param length of the body, if the request says it
   * @returns the file, and whether it is new
   * @throws {LatchworkError} `invalid_input`, `file_not_found`, `forbidden`, `body_too_large`, `file_space_full`,
   * `share_exceeded`, `data_dir_unwritable`
   */
  async write(
    user: User,
    named: string,
    bytes: Readable,
    length: number,
  ): Promise<{ file: FileDetails; isNew: boolean }> {
    const { shares, folder, stores } = this.#parts
    checkName(named)
    return shares.within(user.id, 'uploads', async () => {
      const file = await this.#writable(user.id, named)
      const space = await this.spaceFor(file)
      const { most } = space
      const claim = async (length: number) => {
        // An upload may take minutes.
        if (!(await this.#may(user.id, 'admin', file))) throw notFound(named)
        await space.claim(length)
      }
      const limit =
        most < maxUploadBytes
          ? { most, refusal: () => this.#full() }
          : { most: maxUploadBytes, refusal: tooLarge }
      if (length > limit.most) throw limit.refusal()
      const isNew = (await folder.look(file)) === null
      await folder.write(file, bytes, limit, claim)
      const found = await folder.look(file)
      if (found === null) throw notFound(named)
      const owner = file.ownerId === null ? null : await stores.members.find(file.ownerId)
      return { file: { ...file, owner, ...found }, isNew }
    })
  }

  /**
   * A flow that names the file by its id, or that has another owner, can't find it again: it pauses, and its owner gets
   * a message. A flow of the file's owner that uses the name takes another file of that name.
   */
  async delete(id: string, user: User): Promise<void> {
    const { stores, permission, folder, log } = this.#parts
    const pauses = await permission.pausesBy(user, 'file', await this.#flowsEndedWith(id))
    for (const pause of pauses) await stores.pauses.pause(pause)
    await stores.files.erase(id, (file) => {
      // A file that can't be erased stays without an owner: the administrators see it.
      folder
        .erase(file)
        .catch((error: unknown) => log.error({ err: error, file: id }, 'a file was not erased'))
    })
  }

  /**
   * The file that a source names, for a member who may use it.
   * @param source left out if it isn't saved: then a name means the member's own file
   * @throws {LatchworkError} `file_not_found`, also for a file that isn't shared with the member
   */
  async toRead(memberId: string, named: string, source?: Source): Promise<OpenedFile> {
    const file =
      source === undefined ? await this.#named(memberId, named) : await this.#ofSource(source, named)
    if (file === null || !(await this.#may(memberId, 'collaborator', file))) throw notFound(named)
    return { file, folder: await this.#parts.folder.folderOf(file) }
  }

  /** Requires that the file of a source is there and that the member may use it. Throws as `toRead`. */
  async requireThere(memberId: string, named: string, source: Source): Promise<void> {
    const { file } = await this.toRead(memberId, named, source)
    if ((await this.#parts.folder.look(file)) === null) throw notFound(named)
  }

  /**
   * The file that a destination names, for a member who may replace it. If there is none, it is made as the member's
   * own.
   * @throws {LatchworkError} `file_not_found`, `forbidden` for another member's file that is shared only for reading
   */
  async toWrite(memberId: string, named: string): Promise<OpenedFile> {
    const file = await this.#writable(memberId, named)
    return { file, folder: await this.#parts.folder.folderOf(file) }
  }

  /** The names of a member's own files that begin so. */
  namesOf(memberId: string, start: string): Promise<string[]> {
    return this.#parts.stores.files.namesOf(memberId, start)
  }

  /**
   * The file that a destination names by its id, or null. The member must be allowed to replace it. Throws as
   * `toWrite`.
   */
  async checkWritable(memberId: string, named: string): Promise<FileRow | null> {
    return fileId.safeParse(named).success ? this.#writable(memberId, named) : null
  }

  /**
   * The file of a source that a member saves: a name means a file of the source's owner. Null if there is none yet.
   * @param unchanged the source named it before, too: then it is the same file, even if another has the name now
   * @throws {LatchworkError} `file_not_found` for a file that the member may not use
   */
  async forSource(
    memberId: string,
    source: Source,
    named: string,
    unchanged: boolean,
  ): Promise<FileRow | null> {
    const file = await (unchanged ? this.#ofSource(source, named) : this.#named(source.ownerId, named))
    if (file === null && !fileId.safeParse(named).success) return null
    if (file === null || !(await this.#may(memberId, 'collaborator', file))) throw notFound(named)
    return file
  }

  /**
   * The reason why a run may not continue; null: it may.
   * @param memberId the flow's owner
   * @param read the file that it reads, if any; `written` the file that it writes, if any
   */
  async refusal(
    memberId: string,
    read: FileRow | null,
    written: FileRow | null,
  ): Promise<LatchworkError | null> {
    const refused =
      (read !== null && !(await this.#may(memberId, 'collaborator', read))) ||
      (written !== null && !(await this.#may(memberId, 'admin', written)))
    if (!refused) return null
    return new LatchworkError('access_withdrawn', {
      message:
        "A file that this flow needs was deleted or isn't shared with the flow's owner any more. Ask for it to be shared, or choose another, then run the flow again.",
    })
  }

  /** From now on the source reads, or the destination writes, this file, also after a change of owners. */
  async bind(sideId: string, file: FileRow | null): Promise<void> {
    await this.#parts.stores.files.bind(sideId, file?.id ?? null)
  }

  /** How much a file may hold, given its owner's other files. Files of the administrators are not counted. */
  async spaceFor(file: FileRow): Promise<FileSpace> {
    const { stores, limits } = this.#parts
    const { ownerId } = file
    const used = ownerId === null ? 0 : await stores.files.bytesOf(ownerId, file.id)
    return {
      most: ownerId === null ? Number.MAX_SAFE_INTEGER : Math.max(0, limits.fileBytes - used),
      claim: async (bytes) => {
        const claimed = await stores.files.claim(file.id, bytes, limits.fileBytes)
        if (claimed === 'full') throw this.#full()
        if (claimed === 'gone') {
          throw new LatchworkError('file_not_found', {
            message: `The file ${file.name} was deleted while it was being written. Write it again.`,
          })
        }
      },
    }
  }

  async #flowsEndedWith(id: string): Promise<string[]> {
    const { files } = this.#parts.stores
    const owner = (await files.find(id))?.ownerId ?? null
    const flows = await files.flowsOf(id)
    return flows.filter((flow) => flow.byId || flow.ownerId !== owner).map((flow) => flow.id)
  }

  /** The file that a source is bound to; otherwise its owner's present file of the name. */
  async #ofSource(source: Source, named: string): Promise<FileRow | null> {
    return (await this.#parts.stores.files.ofSource(source.id)) ?? this.#named(source.ownerId, named)
  }

  /** A file that the member may use. */
  async #usable(memberId: string, named: string): Promise<FileRow> {
    const file = await this.#named(memberId, named)
    if (file === null || !(await this.#may(memberId, 'collaborator', file))) throw notFound(named)
    return file
  }

  async #writable(memberId: string, named: string): Promise<FileRow> {
    const { stores, rules, folder } = this.#parts
    checkName(named)
    const file = await this.#named(memberId, named)
    if (fileId.safeParse(named).success) {
      if (file === null) throw notFound(named)
      await rules.require(memberOf({ id: memberId }), 'admin', { kind: 'file', id: file.id })
      return file
    }
    if (file !== null && (await this.#may(memberId, 'admin', file))) return file
    const inRoot = (await folder.look({ folder: '', storedName: named })) === null
    return stores.files.ensure(newId('file'), memberId, named, inRoot)
  }

  async #named(memberId: string, named: string): Promise<FileRow | null> {
    const { files } = this.#parts.stores
    if (fileId.safeParse(named).success) return files.find(named)
    const own = await files.findByName(memberId, named)
    if (own !== null) return own
    const there = await this.#parts.folder.look({ folder: '', storedName: named })
    if (there !== null) await files.adopt([named])
    const shared = await files.findByName(null, named)
    return shared !== null && (await this.#may(memberId, 'collaborator', shared)) ? shared : null
  }

  #may(memberId: string, need: 'collaborator' | 'admin', { id }: FileRow): Promise<boolean> {
    return this.#parts.rules.may(memberOf({ id: memberId }), need, { kind: 'file', id })
  }

  #full(): LatchworkError {
    return fileSpaceFull(this.#parts.limits.fileBytes)
  }
}
