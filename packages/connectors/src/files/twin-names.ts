import { ExactNumber } from '@latchwork/contract'

/** Where a name may end apart from its colon. */
const nameApart = /"\s+:/

/**
 * A name that stands twice in one object of a JSON text; null if none does.
 * @param value what the text was parsed to, where the last of both has won
 */
export function twinName(text: string, value: unknown): string | null {
  // Nearly always this alone decides: each name ends so, and a text that holds the same only makes them more.
  if (!nameApart.test(text) && occurrences(text, '":') === namesIn(value)) return null
  return findTwin(text)
}

function occurrences(text: string, part: string): number {
  let count = 0
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) count += 1
  return count
}

function namesIn(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof ExactNumber) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, each) => sum + namesIn(each), 0)
  let names = 0
  for (const each of Object.values(value)) names += 1 + namesIn(each)
  return names
}

/** Goes through a text that is valid JSON: texts, and the signs that open and close. */
function findTwin(text: string): string | null {
  const open: Set<string>[] = []
  for (const [token, string] of text.matchAll(/("(?:[^"\\]|\\.)*")(?:\s*:)?|[{}]/g)) {
    if (token === '{') open.push(new Set())
    else if (token === '}') open.pop()
    else if (string !== undefined && token.endsWith(':')) {
      const name = String(JSON.parse(string))
      const names = open.at(-1)
      if (names?.has(name)) return name
      names?.add(name)
    }
  }
  return null
}
