/** What Close's answers about errors are made of. */
const words: ReadonlySet<string> = new Set([
  'error',
  'errors',
  'field-errors',
  'field_errors',
  'message',
  'code',
  'status',
])

const unsaid = Buffer.from(
  JSON.stringify({ error: "Close's words about this can't be shown through this pass." }),
)

/**
 * Close's own words about an error, as they are, for somebody who may read only a part of records: if they certainly hold
 * no record. Otherwise words of ours.
 */
export function closeErrorOnly(body: Buffer): Buffer {
  if (body.length === 0) return body
  try {
    const json: unknown = JSON.parse(body.toString())
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
    return isObject && Object.keys(json).every((name) => words.has(name)) && !holdsRecord(json)
      ? body
      : unsaid
  } catch {
    return unsaid
  }
}

/** Anything with an id or a type may be a record, and a list named `data` may hold some. */
function holdsRecord(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(
    ([name, inner]) => /^(id|_type|__object_type|data)$/.test(name) || holdsRecord(inner),
  )
}
