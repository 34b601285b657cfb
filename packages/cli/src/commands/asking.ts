import { ApiError } from '@latchwork/contract'
import type { Context } from '../context.ts'
import { CommandError } from '../exit-codes.ts'
import { canAsk, confirm } from '../prompt.ts'
import { clean } from '../terminal.ts'

/** What is agreed to, as a request says it. */
interface Agreed {
  /** Records are made again. */
  readonly again?: boolean
  /** All streams are read whole again. */
  readonly reread?: boolean
  /** Another account lacks some of what is named. */
  readonly lacking?: boolean
}

const agreements: Readonly<Record<string, keyof Agreed>> = {
  repeat_creates: 'again',
  rereads_all: 'reread',
  account_lacks: 'lacking',
}

/**
 * Does what the server may ask about, and asks before it does.
 * @param no what is said after a no
 * @param agreed agreed to already
 * @throws {ApiError} `repeat_creates`, `rereads_all` where nobody can be asked
 * @throws {CommandError} `refused` for a no
 */
export async function asking<T>(
  context: Context,
  no: string,
  agreed: Agreed,
  work: (agreed: Agreed) => Promise<T>,
): Promise<T> {
  try {
    return await work(agreed)
  } catch (error) {
    const agreement = error instanceof ApiError ? agreements[error.code] : undefined
    if (!(error instanceof ApiError) || agreement === undefined || !canAsk(context.io)) throw error
    if (!(await confirm(context.io, `${clean(error.problem.detail)} Go on?`))) {
      throw new CommandError('refused', no)
    }
    return asking(context, no, { ...agreed, [agreement]: true }, work)
  }
}
