import type { Json, JsonObject } from '../json.ts'

/** A refusal, as the API answers it. */
export class ApiError extends Error {
  readonly status: number
  readonly body: JsonObject
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: JsonObject, headers: Readonly<Record<string, string>> = {}) {
    super(`HTTP ${status}`)
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** 401: no valid credential. */
export function unauthorized(): ApiError {
  return new ApiError(401, { error: 'Unauthorized' })
}

/** 403: the user's role (or the way of authenticating) does not allow it. */
export function forbidden(reason = 'You do not have permission to perform this action.'): ApiError {
  return new ApiError(403, { error: reason })
}

/** 402: the organization's plan does not cover it. */
export function planLimit(reason = 'Your plan does not include this feature.'): ApiError {
  return new ApiError(402, { error: reason })
}

/** 404 for a record. */
export function notFound(): ApiError {
  return new ApiError(404, { error: 'The requested object was not found.' })
}

/** 404 for a URL that the API does not have. */
export function unknownUrl(): ApiError {
  return new ApiError(404, {
    error: 'The requested URL was not found on the server. Check the spelling of the path.',
  })
}

/** 405, with the methods that the path has. */
export function methodNotAllowed(allowed: readonly string[]): ApiError {
  const headers = { allow: allowed.join(', ') }
  return new ApiError(405, { error: 'The method is not allowed for the requested URL.' }, headers)
}

/** 415: a body that is not declared as JSON. */
export function unsupportedMediaType(): ApiError {
  return new ApiError(415, { error: 'The request must be sent with Content-Type: application/json.' })
}

/** 400: a body that is not a JSON object. */
export function invalidJson(): ApiError {
  return new ApiError(400, { error: 'The request contains invalid JSON.' })
}

/** 400 in the shape of validation errors: messages by field name. */
export function invalid(
  fieldErrors: Readonly<Record<string, Json>>,
  errors: readonly string[] = [],
): ApiError {
  return new ApiError(400, { errors: [...errors], 'field-errors': { ...fieldErrors } })
}
