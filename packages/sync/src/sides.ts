/** A source or a destination. */
interface Side {
  close(): Promise<void>
}

/** A side in use by one stream. */
export interface InUse<T> {
  readonly side: T
  /** @param failed whoever comes next gets another one */
  release(failed: boolean): Promise<void>
}

interface Opened<T> {
  readonly opening: Promise<T>
  users: number
}

/** What the streams of a run share. It is opened by the first of them, and opened again once it has failed one. */
export class SharedSide<T extends Side> {
  readonly #open: () => Promise<T>
  #current: Opened<T> | null = null

  constructor(open: () => Promise<T>) {
    this.#open = open
  }

  /** @throws what opening throws */
  async use(): Promise<InUse<T>> {
    this.#current ??= { opening: this.#open(), users: 0 }
    const opened = this.#current
    opened.users += 1
    const release = async (failed: boolean): Promise<void> => {
      opened.users -= 1
      if (failed && this.#current === opened) this.#current = null
      if (opened.users === 0 && this.#current !== opened) await closed(opened)
    }
    try {
      return { side: await opened.opening, release }
    } catch (error) {
      await release(true)
      throw error
    }
  }

  /** To be called once nothing uses it any more. */
  async close(): Promise<void> {
    const opened = this.#current
    this.#current = null
    if (opened !== null) await closed(opened)
  }
}

async function closed<T extends Side>({ opening }: Opened<T>): Promise<void> {
  const side = await opening.catch(() => null)
  await side?.close()
}
