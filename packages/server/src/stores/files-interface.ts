/** A file that flows read or write, as the database knows it; its bytes are on the disk. */
export interface FileRow {
  readonly id: string
  /** Null: the administrators'. */
  readonly ownerId: string | null
  /** Unique among an owner's. */
  readonly name: string
  /** Where it is inside the folder of files: a folder of its own, or empty for the folder itself. */
  readonly folder: string
  /** Its name there. */
  readonly storedName: string
  /** As it last was when it was put in place; 0 before that. */
  readonly bytes: number
}

export interface FileStore {
  find(id: string): Promise<FileRow | null>
  /** @param ownerId null: the administrators' */
  findByName(ownerId: string | null, name: string): Promise<FileRow | null>
  /** By name. @param memberId whose and what is shared with whom; null for all */
  list(memberId: string | null): Promise<FileRow[]>
  /**
   * The owner's file of this name, made without bytes if there is none.
   * @param inRoot it may lie in the folder itself, unless another file has the name there; otherwise in one of its own
   */
  ensure(id: string, ownerId: string, name: string, inRoot: boolean): Promise<FileRow>
  /** Makes those of these names that lie in the folder itself the administrators', unless they are known. */
  adopt(names: readonly string[]): Promise<void>
  /** @param erased called with the file once that is committed */
  erase(id: string, erased?: (file: FileRow) => void): Promise<void>

  /** Bytes of all files of an owner but one; 0 if they have none. */
  bytesOf(ownerId: string, exceptId: string): Promise<number>
  /**
   * Writes down how large a file is going to be. `full` if its owner's files would hold more than `most` bytes: of
   * several that grow at once only as many as fit. `gone` if it was deleted.
   */
  claim(id: string, bytes: number, most: number): Promise<'ok' | 'full' | 'gone'>

  /** The file that a source's name meant when it was saved. */
  ofSource(sourceId: string): Promise<FileRow | null>
  /** Of a source what it reads, of a destination what it names by its id. Null forgets it. */
  bind(endId: string, fileId: string | null): Promise<void>
  /** Flows whose source or destination is bound to the file, whose they are, and whether that names it by its id. */
  flowsOf(id: string): Promise<{ id: string; ownerId: string; byId: boolean }[]>
}
