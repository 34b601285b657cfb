import { type SealedRow, Secret, type Vault } from '@latchwork/vault'
import { z } from 'zod'
import type { Asked, HeldAnswer } from '../use/held-call.ts'

/* A write that waits, and the answer to it, as they are sealed. */

/** What is sent once it is confirmed, and from where it was asked for. */
export interface HeldWrite {
  readonly asked: Asked
  readonly address: string
}

const writeSchema = z.object({
  asked: z.object({ method: z.string(), url: z.string(), body: z.unknown().optional() }),
  address: z.string(),
})
const answerSchema = z.object({
  status: z.number(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  extent: z.enum(['whole', 'broken', 'too_large']),
})

/** More of an answer is not kept. */
const mostAnswer = 200_000
const retainedHeaders = ['content-type', 'retry-after']

const place = (rowId: string) => ({ table: 'pass_writes', rowId, version: 1 })

export function sealWrite(vault: Vault, id: string, held: HeldWrite): Promise<SealedRow> {
  return vault.seal(place(id), { write: new Secret(JSON.stringify(held)) })
}

/** @throws LatchworkError `secret_unreadable` */
export async function openWrite(vault: Vault, id: string, sealed: SealedRow): Promise<HeldWrite> {
  return writeSchema.parse(JSON.parse((await vault.open(place(id), sealed, 'write')).reveal()))
}

export function sealAnswer(vault: Vault, id: string, answer: HeldAnswer): Promise<SealedRow> {
  const isTooLarge = answer.body.length > mostAnswer
  const retained = {
    status: answer.status,
    headers: Object.fromEntries(
      retainedHeaders.flatMap((name) => {
        const value = answer.headers[name]
        return value === undefined ? [] : [[name, value]]
      }),
    ),
    body: isTooLarge ? '' : answer.body.toString(),
    extent: isTooLarge ? 'too_large' : answer.extent,
  }
  return vault.seal(place(id), { answer: new Secret(JSON.stringify(retained)) })
}

/** @throws LatchworkError `secret_unreadable` */
export async function openAnswer(vault: Vault, id: string, sealed: SealedRow): Promise<HeldAnswer> {
  const text = (await vault.open(place(id), sealed, 'answer')).reveal()
  const { body, ...answer } = answerSchema.parse(JSON.parse(text))
  return { ...answer, body: Buffer.from(body) }
}
