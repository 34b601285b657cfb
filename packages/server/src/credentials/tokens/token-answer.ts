import { isRecord, outsideLimits, outsideText } from '@latchwork/contract'
import { Secret, type Secrets } from '@latchwork/vault'
import { z } from 'zod'

export interface Grant {
  readonly accessToken: string
  /** Null if the answer held none: the old one stays valid. */
  readonly refreshToken: string | null
  readonly expiresInSeconds: number
  readonly scope: string | null
  /** The organization that the person chose on the OAuth server's page, if the answer names one. */
  readonly organizationId: string | null
}

/** The tokens under the names of a credential's secrets. */
export function tokensOf(grant: Grant): Secrets {
  const accessToken = new Secret(grant.accessToken)
  return grant.refreshToken === null
    ? { accessToken }
    : { accessToken, refreshToken: new Secret(grant.refreshToken) }
}

// If the server names no lifetime, a short one is assumed, so that the token is refreshed early.
const assumedLifetimeSeconds = 1800
const longestLifetimeSeconds = 30 * 24 * 3600
const maxScope = 1000

const lifetime = z
  .union([
    z.number(),
    z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .transform(Number),
  ])
  .catch(assumedLifetimeSeconds)
  .transform((seconds) => Math.min(Math.max(Math.floor(seconds), 1), longestLifetimeSeconds))

const scopes = z.union([z.string(), z.array(z.string()).transform((each) => each.join(' '))])

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional().catch(undefined),
  expires_in: lifetime,
  scope: scopes.optional().catch(undefined),
  organization_id: z.string().optional().catch(undefined),
})

/**
 * The tokens of a success, with the type and fields that the OAuth library expects; null without an access token. The
 * old refresh token is spent and this is the only copy of the new one, so nothing else that is odd about the answer may
 * discard it.
 * @param organizationField the field of the answer that names the organization
 */
export function readableAnswer(text: string, organizationField?: string): object | null {
  const answer = parseObject(text)
  const organization: unknown =
    answer === null || organizationField === undefined ? undefined : Reflect.get(answer, organizationField)
  const { data } = tokenAnswer.safeParse(
    answer === null ? null : { ...answer, organization_id: organization },
  )
  return data === undefined ? null : { ...data, token_type: 'bearer' }
}

/**
 * @param answer as `readableAnswer` made it and the library checked it
 * @param sent secrets that must not appear in what is shown
 */
export function grantOf(answer: object, sent: readonly string[]): Grant {
  const tokens = tokenAnswer.parse(answer)
  const secrets = [...sent, tokens.access_token, tokens.refresh_token ?? '']
  const organizationId = tokens.organization_id ?? null
  const fit =
    organizationId !== null &&
    outsideText(organizationId, { max: outsideLimits.id, secrets }) === organizationId
  return {
    accessToken: tokens.access_token,
    refreshToken: tokens.refresh_token ?? null,
    expiresInSeconds: tokens.expires_in,
    scope: tokens.scope === undefined ? null : outsideText(tokens.scope, { max: maxScope, secrets }),
    organizationId: fit ? organizationId : null,
  }
}

/** Null for anything but a JSON object. */
export function parseObject(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : null
  } catch {
    return null
  }
}
