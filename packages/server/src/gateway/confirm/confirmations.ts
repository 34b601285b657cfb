import {
  LatchworkError,
  mostWaitingWrites,
  newId,
  type PassField,
  type PassObjectName,
  type PassWrite,
  type PassWriteDetails,
  passPresets,
  type User,
  writeWaitMinutes,
} from '@latchwork/contract'
import type { Vault } from '@latchwork/vault'
import type { AlertStore } from '../../alerts/store.ts'
import type { AuditLog } from '../../audit/log.ts'
import { toTime, toTimeOrNull } from '../../database/columns.ts'
import { problemType } from '../../http/problem.ts'
import { type AccessRules, memberOf } from '../../identity/rules.ts'
import type { Logger } from '../../logging/logger.ts'
import { Policy } from '../rules/policy.ts'
import type { PassRow, PassStore } from '../store/passes.ts'
import { answerOf, type PassWriteRow, type PassWriteStore } from '../store/writes.ts'
import type { Admission } from '../use/admission.ts'
import type { Gateway } from '../use/gateway.ts'
import type { Asked, HeldAnswer } from '../use/held-call.ts'
import { shownPath } from '../use/recorded.ts'
import { compare, withLabels } from './compare.ts'
import { type HeldWrite, openAnswer, openWrite, sealAnswer, sealWrite } from './held-write.ts'

const minuteMs = 60_000
const waitMs = writeWaitMinutes * minuteMs
/** A write that was confirmed so long ago is not under way any more. */
const doubtMs = 5 * minuteMs
/** What was decided can be asked for until then. */
const retainedMs = 60 * minuteMs
const pollMs = 500

export interface ConfirmationParts {
  readonly writes: PassWriteStore
  readonly passes: Pick<PassStore, 'find'>
  readonly alerts: Pick<AlertStore, 'raise'>
  readonly gateway: Pick<Gateway, 'ask'>
  readonly admission: Pick<Admission, 'admitPass'>
  readonly rules: AccessRules
  readonly audit: Pick<AuditLog, 'record' | 'commit'>
  readonly vault: Vault
  /** What the account of a credential calls its fields. @throws LatchworkError */
  readonly fields: (credentialId: string, object: PassObjectName, user: User) => Promise<PassField[]>
  now(): Promise<Date>
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal
  readonly log: Pick<Logger, 'error'>
}

/** What became of a write. */
export interface WriteOutcome {
  readonly state: PassWrite['state']
  readonly expiresAt: string
  /** Null: there is none yet, or there never will be. */
  readonly answer: HeldAnswer | null
}

/** Writes of passes that a person has to confirm. Each is sent at most once. */
export class Confirmations {
  readonly #parts: ConfirmationParts

  constructor(parts: ConfirmationParts) {
    this.#parts = parts
  }

  /**
   * Holds a write that the pass may make, until a person decides.
   * @returns its id
   * @throws {LatchworkError} `confirmations_full`
   */
  async hold(pass: PassRow, asked: Asked, address: string): Promise<string> {
    const { writes, vault, audit, alerts, now } = this.#parts
    const id = newId('write')
    const sealed = await sealWrite(vault, id, { asked, address })
    const path = shownPath(asked.url.split('?', 1)[0] ?? '')
    await writes.insert(
      { id, passId: pass.id, method: asked.method, path, sealed },
      mostWaitingWrites,
      waitMs,
    )
    await audit.record({
      action: 'pass.write_waits',
      object: { kind: 'pass', id: pass.id, name: pass.name },
      after: { write: id, method: asked.method, path, address },
    })
    // Once for those of a while: who looks at the pass sees them all.
    const part = Math.floor((await now()).getTime() / waitMs)
    await alerts.raise(`pass confirmation:${pass.id}:${part}`, {
      ...about(pass),
      title: `The pass ${pass.name} asks to change something`,
      message: `A person has to confirm it within ${writeWaitMinutes} minutes. The page of the pass shows what would change.`,
    })
    return id
  }

  /**
   * What became of a write of this pass; waits for a while.
   * @throws {LatchworkError} `write_not_found`
   */
  async outcome(passId: string, id: string, mostMs: number, signal: AbortSignal): Promise<WriteOutcome> {
    const until = performance.now() + mostMs
    for (;;) {
      const row = await this.#find(passId, id)
      const { state, expiresAt } = await this.#view(row)
      const isOpen = state === 'waiting' || state === 'sending'
      const left = until - performance.now()
      if (isOpen && left > 0 && !signal.aborted && !this.#parts.stopping.aborted) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, left)))
        continue
      }
      const sealed = answerOf(row)
      const answer = sealed === null ? null : await openAnswer(this.#parts.vault, id, sealed)
      return { state, expiresAt, answer }
    }
  }

  /** @throws {LatchworkError} `pass_not_found`, `forbidden` */
  async list(passId: string, user: User): Promise<{ items: PassWrite[] }> {
    await this.#require(passId, user)
    const rows = await this.#parts.writes.list(passId)
    return { items: await Promise.all(rows.map((row) => this.#view(row))) }
  }

  /**
   * What it would change, with the record as Close has it now.
   * @param address of the person
   * @throws {LatchworkError} as `list`, and `write_not_found`
   */
  async details(passId: string, id: string, user: User, address: string): Promise<PassWriteDetails> {
    const { credentialId } = await this.#require(passId, user)
    const row = await this.#find(passId, id)
    const [view, { asked }] = await Promise.all([this.#view(row), this.#open(row)])
    // What is over is shown as it was asked for: the record has changed since.
    const compared = await compare(asked, view.state === 'waiting' ? this.#reader(passId, address) : over)
    const fields = (object: PassObjectName) => this.#parts.fields(credentialId, object, user)
    return { ...view, ...compared, changes: await withLabels(asked, compared.changes, fields) }
  }

  /**
   * Sends a write, by the rules of this moment. Of two at once one sends it.
   * @param seen what the person has seen, by the details, and the person's address; null: whatever the record is now
   * @throws {LatchworkError} as `details`, and `write_decided`, `write_outdated`
   */
  async confirm(
    passId: string,
    id: string,
    user: User,
    seen: { readonly digest: string; readonly address: string } | null,
  ): Promise<PassWrite> {
    const { writes, gateway, admission, audit, vault, stopping } = this.#parts
    await this.#require(passId, user)
    const row = await this.#find(passId, id)
    const { asked, address } = await this.#open(row)
    if (seen !== null) {
      if ((await this.#view(row)).state !== 'waiting') throw new LatchworkError('write_decided')
      const now = await compare(asked, this.#reader(passId, seen.address))
      if (now.seen !== seen.digest) throw new LatchworkError('write_outdated')
    }
    if (!(await audit.commit(() => writes.decide(id, 'sending', user.id))))
      throw new LatchworkError('write_decided')
    const caller = {
      address,
      via: 'mcp',
      isConfirmed: true,
      admit: () => admission.admitPass(passId),
    } as const
    const answer = await gateway.ask(caller, asked, stopping)
    await writes.end(id, endOf(answer), statusOf(answer), await sealAnswer(vault, id, answer))
    return this.#view(await this.#find(passId, id))
  }

  /** @throws {LatchworkError} as `confirm` */
  async refuse(passId: string, id: string, user: User): Promise<PassWrite> {
    await this.#require(passId, user)
    await this.#find(passId, id)
    if (!(await this.#parts.writes.decide(id, 'refused', user.id))) throw new LatchworkError('write_decided')
    return this.#view(await this.#find(passId, id))
  }

  /** Tells of writes whose process died, and erases old ones. */
  async tick(): Promise<void> {
    const { writes, passes, alerts } = this.#parts
    for (const { id, passId } of await writes.doubt(doubtMs)) {
      const pass = await passes.find(passId)
      if (pass === null) continue
      await alerts.raise(`pass write in doubt:${id}`, {
        ...about(pass),
        title: `A write of the pass ${pass.name} is in doubt`,
        message:
          'It was confirmed, and then the server stopped. Nobody can tell whether Close has it. Look there.',
      })
    }
    await writes.eraseOld(retainedMs)
  }

  /** Asks Close for a person who may use the credential, so the limits of the pass do not hide anything from them. */
  #reader(passId: string, address: string): (url: string) => Promise<HeldAnswer> {
    const admit = async () => ({
      ...(await this.#parts.admission.admitPass(passId)),
      policy: new Policy({ objects: passPresets.read.grants }),
      takes: () => true,
    })
    return (url) => this.#parts.gateway.ask({ address, admit }, { method: 'GET', url }, this.#parts.stopping)
  }

  async #require(passId: string, user: User): Promise<PassRow> {
    const pass = await this.#parts.passes.find(passId)
    if (pass === null) throw new LatchworkError('pass_not_found')
    const credential = { kind: 'credential', id: pass.credentialId } as const
    await this.#parts.rules.require(memberOf(user), 'collaborator', credential)
    return pass
  }

  async #find(passId: string, id: string): Promise<PassWriteRow> {
    const row = await this.#parts.writes.find(passId, id)
    if (row === null) throw new LatchworkError('write_not_found')
    return row
  }

  #open(row: PassWriteRow): Promise<HeldWrite> {
    return openWrite(this.#parts.vault, row.id, row.sealed)
  }

  async #view(row: PassWriteRow): Promise<PassWrite> {
    const { id, method, path, createdAt, expiresAt, decidedBy, deciderName, decidedAt, status } = row
    const isOver = row.state === 'waiting' && expiresAt <= (await this.#parts.now()).getTime()
    return {
      ...{ id, method, path, status },
      state: isOver ? 'expired' : row.state,
      createdAt: toTime(createdAt),
      expiresAt: toTime(expiresAt),
      decidedBy: decidedBy === null ? null : { id: decidedBy, name: deciderName },
      decidedAt: toTimeOrNull(decidedAt),
    }
  }
}

const over = async (): Promise<HeldAnswer> => ({
  status: 0,
  headers: {},
  body: Buffer.alloc(0),
  extent: 'broken',
})

function isOurs({ headers }: HeldAnswer): boolean {
  return (headers['content-type'] ?? '').startsWith(problemType)
}

function statusOf(answer: HeldAnswer): number | null {
  return isOurs(answer) || answer.status === 0 ? null : answer.status
}

function endOf(answer: HeldAnswer): 'sent' | 'failed' | 'in_doubt' {
  const { status, body, extent } = answer
  if (isOurs(answer)) return body.toString().includes('"code":"in_doubt"') ? 'in_doubt' : 'failed'
  if (status === 0 || (extent === 'broken' && status >= 300)) return 'in_doubt'
  return status < 300 ? 'sent' : 'failed'
}

function about({ id, ownerId }: PassRow) {
  const kind = 'pass_confirmation' as const
  return { id: newId('alert'), kind, credentialId: null, passId: id, ownerId, code: null }
}
