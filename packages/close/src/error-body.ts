import { defaultAnswerLimits, refusalBytes } from './limits.ts'
import { isObject, parseJson } from './parse-json.ts'
import { plainText } from './plain-text.ts'
import { DAY_SECONDS } from './rate-limit-headers.ts'

/** The readable parts of a refusal's body. Both may be missing. */
export type ErrorBody = { text?: string; fieldErrors?: Record<string, string> }

const MAX_FIELDS = 50
const MAX_DEPTH = 8
const MAX_PATH_LENGTH = 200
const MAX_MESSAGE_LENGTH = 300
// Members that structure Close's nested errors and are not names of fields.
const STRUCTURE = new Set(['errors', 'field-errors'])

/**
 * Reads both documented shapes, `{"error": "..."}` and `{"errors": [], "field-errors": {...}}`, and similar ones. Never
 * throws.
 *
 * @see https://developer.close.com/api/overview/http-response-codes
 */
export function readErrorBody(bodyText: string, secrets: readonly string[] = []): ErrorBody {
  const body = parseObject(bodyText)
  if (body === undefined) return {}
  const clean = (text: string): string => plainText(text, MAX_MESSAGE_LENGTH, secrets)
  const fields = new Map<string, string>()
  collectFields(body['field-errors'], [], (path, message) => {
    if (fields.size < MAX_FIELDS) fields.set(plainText(path, MAX_PATH_LENGTH, secrets), clean(message))
  })
  const fieldErrors = Object.fromEntries(fields)
  const text = clean(
    firstText(body) ?? [...fields].map(([path, message]) => `${path}: ${message}`).join('; '),
  )
  return { ...(text === '' ? {} : { text }), ...(fields.size === 0 ? {} : { fieldErrors }) }
}

/** Seconds for which an older 429 tells to wait: `{"error": {"rate_reset": 2.5}}`, or without the object around it. */
export function readRateReset(bodyText: string): number | undefined {
  const body = parseObject(bodyText)
  const found = isObject(body?.['error']) ? body['error']['rate_reset'] : body?.['rate_reset']
  return typeof found === 'number' && found >= 0 ? Math.min(found, DAY_SECONDS) : undefined
}

function firstText(body: Record<string, unknown>): string | undefined {
  const candidates = [
    body['error'],
    body['errors'],
    body['error_description'],
    body['message'],
    body['detail'],
  ]
  return candidates.map(textOf).find((text) => text !== '')
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.slice(0, MAX_FIELDS).map(textOf).filter(Boolean).join('; ')
  return isObject(value) && typeof value['message'] === 'string' ? value['message'] : ''
}

function collectFields(value: unknown, path: string[], add: (path: string, message: string) => void): void {
  if (path.length > MAX_DEPTH) return
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    if (value.length > 0) add(path.join('.'), value.join(' '))
  } else if (Array.isArray(value) || isObject(value)) {
    for (const [name, inner] of Object.entries(value).slice(0, MAX_FIELDS)) {
      const structural = STRUCTURE.has(name) && typeof inner === 'object'
      collectFields(inner, structural ? path : [...path, name], add)
    }
  } else if (value !== null && value !== undefined) {
    add(path.join('.'), String(value))
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (text.length > refusalBytes) return undefined
  try {
    const value = parseJson(text, defaultAnswerLimits)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}
