import { type CloseClient, paginate, type User } from '@latchwork/close'
import type { DataRecord } from '@latchwork/contract'
import { z } from 'zod'
import { readCheckpointPart } from '../checkpoint-part.ts'
import type { Batch, Json } from '../interface.ts'

const pageRecords = 200
const maxPasses = 5

/**
 * The organization's users, from their list. The list has no order to hold on to, so it is read again until a pass
 * brings nobody new: somebody who slipped between two pages of one pass is met in the next.
 */
export async function* readUsers(
  client: CloseClient,
  fields: readonly string[],
  position: Json | null,
  signal: AbortSignal,
): AsyncGenerator<Batch, void, undefined> {
  const after = position === null ? '' : readCheckpointPart(z.string(), position)
  const users = new Map<string, User>()
  for (let pass = 1, known = -1; users.size > known && pass <= maxPasses; pass += 1) {
    known = users.size
    for await (const user of paginate(client.users.list, { _limit: 100 }, { signal, priority: 'backfill' })) {
      users.set(user.id, user)
    }
  }
  const left = [...users.values()].filter((user) => user.id > after).sort((a, b) => (a.id < b.id ? -1 : 1))
  for (let at = 0; at < left.length; at += pageRecords) {
    const page = left.slice(at, at + pageRecords)
    yield { records: page.map((user) => recordOf(user, fields)), position: page.at(-1)?.id ?? after }
  }
}

function recordOf(user: User, fields: readonly string[]): DataRecord {
  return Object.fromEntries(Object.entries(user).filter(([name]) => fields.includes(name)))
}
