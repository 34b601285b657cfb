import { credentialErrors } from './credential-errors.ts'
import { flowErrors } from './flow-errors.ts'
import { forwardErrors } from './forward-errors.ts'
import { memberErrors } from './member-errors.ts'
import { oauthErrors } from './oauth-errors.ts'
import { requestErrors } from './request-errors.ts'
import { serverErrors } from './server-errors.ts'

/**
 * Every error the product can answer with: its HTTP status and the sentence shown when no better one is at hand.
 * The code is stable; programs may rely on it. The sentence may change. No two features have a code in common.
 */
export const errorCatalogue = {
  ...requestErrors,
  ...memberErrors,
  ...credentialErrors,
  ...oauthErrors,
  ...flowErrors,
  ...forwardErrors,
  ...serverErrors,
}

export type ErrorCode = keyof typeof errorCatalogue

export const errorCodes: readonly ErrorCode[] = Object.keys(errorCatalogue).filter(isErrorCode)

export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(errorCatalogue, value)
}
