import { type CloseError, isCloseError } from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import type { StreamRow } from './streams/row.ts'

/** Whether Close says that the account has no right to something, that its plan lacks it, or that it is not there. */
export function isRefusal(error: unknown): error is CloseError {
  return isCloseError(error) && ['forbidden', 'not_found', 'plan_limit'].includes(error.code)
}

/** The error of a stream that the account may not read; others come back unchanged. */
export function asUnavailable(error: unknown, { label }: Pick<StreamRow, 'label'>): unknown {
  if (!isRefusal(error)) return error
  return new LatchworkError('stream_unavailable', {
    message: `${label} can’t be read: ${reason(error)}`,
    cause: error,
  })
}

function reason({ code, message }: CloseError): string {
  switch (code) {
    case 'plan_limit':
      return `the organization’s plan in Close does not include it. ${message}`
    case 'not_found':
      return 'Close does not have it for this account.'
    default:
      return `the credential’s user may not read it in Close. Give the user’s role the permission, or leave it out. ${message}`
  }
}
