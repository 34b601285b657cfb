import { LatchworkError } from '@latchwork/contract'
import { fittingName } from './fitting-name.ts'
import type { StreamPlan } from './writing.ts'

/**
 * What a stream is called in a destination, as a name that needs no quotes anywhere: lower case, `_` between the words.
 * "Custom activity: Onboarding call" becomes `custom_activity_onboarding_call`.
 * @throws LatchworkError `invalid_input` where nothing is left of it
 */
export function targetName(given: string, maxBytes: number): string {
  const words = given
    .toWellFormed()
    .normalize('NFC')
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
  if (words !== '') return fittingName(words, maxBytes)
  throw unfitTarget(`The name “${given}” has no letter and no digit. Choose another one for this stream.`)
}

export function unfitTarget(message: string): LatchworkError {
  return new LatchworkError('invalid_input', {
    message,
    errors: [{ field: 'target', rule: 'target', message }],
  })
}

type Named = Pick<StreamPlan, 'stream' | 'target'>

/** Which stream of a run writes what, so that no two of them write one thing. */
export class Targets {
  readonly #nameOf: (plan: Named) => string
  readonly #streams = new Map<string, string>()

  /** @param nameOf what a stream is called in the destination; a target of null: as the form says */
  constructor(nameOf: (plan: Named) => string) {
    this.#nameOf = nameOf
  }

  /**
   * The name of a stream, which no other one of the run has.
   * @throws LatchworkError `invalid_input`
   */
  claim({ stream, target, beside = [] }: Named & Pick<StreamPlan, 'beside'>): string {
    const others = beside.filter((each) => each.stream !== stream)
    // The form names one thing: it is for the only stream.
    const resolved = (each: Named): Named =>
      others.length === 0 ? each : { ...each, target: each.target ?? each.stream }
    const name = this.#nameOf(resolved({ stream, target }))
    const other =
      others.find((each) => this.#isCalled(resolved(each), name))?.stream ?? this.#streams.get(name) ?? stream
    if (other !== stream) {
      throw unfitTarget(
        `The streams ${stream} and ${other} would both be written to ${name}. Give one of them another name.`,
      )
    }
    this.#streams.set(name, stream)
    return name
  }

  /**
   * A further name that a stream needs, for one of its lists.
   * @throws LatchworkError `invalid_input` where another stream has it
   */
  claimList({ stream, beside = [] }: Named & Pick<StreamPlan, 'beside'>, list: string, name: string): void {
    const isTaken =
      beside.some(
        (each) =>
          each.stream !== stream && this.#isCalled({ ...each, target: each.target ?? each.stream }, name),
      ) || (this.#streams.get(name) ?? stream) !== stream
    if (isTaken) {
      throw unfitTarget(
        `The list ${list} of ${stream} would be written to ${name}, which is the table of another stream. Give one of the streams another name, or leave the lists in their columns.`,
      )
    }
    this.#streams.set(name, stream)
  }

  #isCalled(plan: Named, name: string): boolean {
    try {
      return this.#nameOf(plan) === name
    } catch {
      // It is refused itself, and writes nothing.
      return false
    }
  }
}
