import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One way to break a security requirement: a fault that a programmer could make. */
export interface Break {
  /** Its number in docs/security-requirements.md. */
  readonly requirement: number
  /** The fault, as a clause for docs/security-requirements.md. */
  readonly what: string
  /** The file's name without a folder, so that the text below is found also after a move. */
  readonly file: string
  /** A text that occurs once, in one file of that name. */
  readonly find: string
  readonly put: string
}

/** A requirement that no change of the code can break. */
export interface Unbreakable {
  readonly requirement: number
  /** The reason, as a clause for docs/security-requirements.md. */
  readonly why: string
}

/** The place of a break in the product: `text` is the whole file as it is, `broken` as it becomes. */
export interface Place {
  readonly path: string
  readonly text: string
  readonly broken: string
}

/**
 * @param sources paths of the product's code in the checkout
 * @throws unless exactly one place has the break's text
 */
export function placeOf({ file, find, put }: Break, checkout: string, sources: readonly string[]): Place {
  const named = sources.filter((path) => path.endsWith(`/${file}`))
  const found = named.flatMap((path) => {
    const text = readFileSync(join(checkout, path), 'utf8')
    const parts = text.split(find)
    return parts.length === 1 ? [] : [{ path, text, parts }]
  })
  const [only] = found
  if (only === undefined || found.length > 1 || only.parts.length > 2) {
    const seen = found.map(({ path, parts }) => `${parts.length - 1} times in ${path}`).join(', ')
    throw new Error(`${file} must have this once, and has it ${seen || 'nowhere'}: ${find}`)
  }
  return { path: only.path, text: only.text, broken: only.parts.join(put) }
}
