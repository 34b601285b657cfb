import type { PassRules } from '@latchwork/contract'
import { z } from 'zod'
import type { Policy } from '../rules/policy.ts'

/** One request to Close, as a tool makes it of its input. */
export interface ToolRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Below `/api/v1`, without a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

/** Where the next page begins: after so many records, or at Close's own cursor. */
export type Paging = { readonly skip: number } | 'cursor'

/** What a tool does with its input: a request, or words that need none. */
export type Work =
  | { readonly request: ToolRequest; readonly paging?: Paging }
  | { readonly words: (pass: PassOfTool) => string }
  /** The id of a write that waits for a person. */
  | { readonly check: string }

/** What a tool has to know of a pass. */
export interface PassOfTool {
  readonly rules: PassRules
  readonly may: May
  /** A person confirms each write. */
  readonly confirmWrites: boolean
  /** About its end and its share. */
  readonly limits: string
}

/** Whether the pass would let a request through, as far as that is known without its ids. */
export type May = (request: ToolRequest) => boolean

/** What a model may think of before it calls. @see https://modelcontextprotocol.io/specification/2025-06-18/server/tools */
export interface Hints {
  readonly readOnlyHint: boolean
  readonly destructiveHint: boolean
  readonly idempotentHint: boolean
}

export const reads: Hints = { readOnlyHint: true, destructiveHint: false, idempotentHint: true }
export const creates: Hints = { readOnlyHint: false, destructiveHint: false, idempotentHint: false }
/** To somebody outside, who can't be made to forget it. */
export const sends: Hints = { readOnlyHint: false, destructiveHint: true, idempotentHint: false }
export const overwrites: Hints = { readOnlyHint: false, destructiveHint: true, idempotentHint: true }

export interface Tool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly hints: Hints
  /** What it takes from this pass, as JSON Schema; null: nothing, so it is not listed. */
  listed(pass: PassOfTool): object | null
  /**
   * Reads its input. What the pass may not do is read as well: the gateway refuses and records it.
   * @throws {z.ZodError}
   */
  work(input: unknown): Work
}

interface ToolParts<Input extends z.ZodObject>
  extends Pick<Tool, 'name' | 'title' | 'description' | 'hints'> {
  /** Null: nothing that this pass may do. */
  readonly input: (may: May, pass: PassOfTool | null) => Input | null
  readonly work: (input: z.output<Input>) => Work
}

const always: May = () => true

export function defineTool<Input extends z.ZodObject>(parts: ToolParts<Input>): Tool {
  const { input, work, ...described } = parts
  const whole = input(always, null)
  if (whole === null) throw new Error(`The tool ${described.name} takes nothing.`)
  return {
    ...described,
    listed: (pass) => {
      const schema = input(pass.may, pass)
      return schema === null ? null : z.toJSONSchema(schema, { io: 'input' })
    },
    work: (given) => work(whole.parse(given)),
  }
}

/** Whether a pass, by its policy, may send a request. */
export function mayOf(policy: Policy, { method, path, query = {}, body = {} }: ToolRequest): boolean {
  const verdict = policy.decide(method, path, new URLSearchParams(query))
  if (verdict.denial !== null) return false
  return !verdict.looksAtBody || policy.bodyDenial(verdict.operation, body) === null
}

/** The names of a table that a pass may use; null: none. */
export function namesOf<Name extends string>(names: readonly Name[], isAllowed: (name: Name) => boolean) {
  const allowed = names.filter(isAllowed)
  const [first, ...rest] = allowed
  return first === undefined ? null : z.enum([first, ...rest])
}
