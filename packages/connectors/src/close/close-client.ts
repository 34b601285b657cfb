import {
  type AnswerLimits,
  type Budget,
  type CloseAuth,
  type CloseClient,
  type CloseClientOptions,
  createCloseClient,
} from '@latchwork/close'
import { LatchworkError } from '@latchwork/contract'
import type { Clock, ConnectorContext, CredentialAccess } from '../interface.ts'
import type { ClockSkew } from './clock-skew.ts'

/** The parts of the Close connector. */
export interface CloseParts {
  readonly clock: Clock
  /** Origin of the Close API, e.g. `https://api.close.com`. */
  readonly apiUrl: string
  /** How far Close's lists may lag behind what was written; left out for what is known of Close. */
  readonly listLagMs?: number | undefined
  /** How much of one answer is taken, in bytes; left out for what the client takes. */
  readonly answerBytes?: number | undefined
}

/** The parts of one use. */
export interface CloseContext extends CloseParts, ConnectorContext {
  /** The rate budget that everything which uses one Close organization shares; before it is known, one credential. */
  budget(credential: Pick<CredentialAccess, 'id' | 'organizationId'>): Budget
}

export interface CloseClientSettings {
  /** For one attempt. */
  readonly timeoutMs?: number
  readonly maxAttempts?: number
  /** Takes no place of the rate budget, for what a request that holds one waits for; what it was told is kept. */
  readonly besideBudget?: boolean
  readonly limits?: Partial<AnswerLimits>
  /** Learns Close's time. */
  readonly clockSkew?: ClockSkew
}

/**
 * A client that acts for a credential: by its API key or by an access token that is asked for at every attempt, since
 * it may have been refreshed. Everything that acts for one organization shares one rate budget.
 */
export function closeClientFor(
  credential: CredentialAccess,
  context: CloseContext,
  settings: CloseClientSettings = {},
): CloseClient {
  return createCloseClient({
    apiUrl: context.apiUrl,
    authorize: () => authorizeSwitched(credential),
    rejected: (refused) =>
      credential.rejected(refused.type === 'bearer' ? refused.accessToken : refused.apiKey),
    clock: context.clock,
    signal: context.signal,
    budget: context.budget(credential),
    budgetKey: async () => (await credential.bucket?.()) ?? credential.id,
    consumer: context.consumer ?? 'page',
    besideBudget: settings.besideBudget,
    fetch: settings.clockSkew === undefined ? undefined : timedFetch(settings.clockSkew, context.clock),
    onWait: (ms) =>
      context.activity?.(ms === null ? null : `Close asks us to wait ${Math.ceil(ms / 1000)} s.`),
    timeoutMs: settings.timeoutMs,
    limits: {
      ...(context.answerBytes === undefined ? {} : { answerBytes: context.answerBytes }),
      ...settings.limits,
    },
    retry: settings.maxAttempts === undefined ? undefined : { maxAttempts: settings.maxAttempts },
  })
}

/** The method may be switched while a run is under way: the run continues with the new one. */
async function authorizeSwitched(credential: CredentialAccess): Promise<CloseAuth> {
  try {
    return await authorize(credential)
  } catch (error) {
    if (error instanceof LatchworkError && error.code === 'credential_switched') return authorize(credential)
    throw error
  }
}

async function authorize(credential: CredentialAccess): Promise<CloseAuth> {
  return credential.method === 'oauth2'
    ? { type: 'bearer', accessToken: await credential.accessToken() }
    : { type: 'api_key', apiKey: await credential.secret('apiKey') }
}

/** Tells of Close's time, by the `Date` of its answers. */
function timedFetch(clockSkew: ClockSkew, clock: Clock): NonNullable<CloseClientOptions['fetch']> {
  return async (url, init) => {
    const response = await fetch(url, init)
    clockSkew.observe(response.headers.get('date'), clock.now())
    return response
  }
}
