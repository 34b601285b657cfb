export type { ActivityResources } from './activity-resources.ts'
export type { CloseAuth } from './auth.ts'
export type { DocumentedQuery, ListQuery } from './catalogue-types.ts'
export { type CloseClient, type CloseClientOptions, createCloseClient, type EventQuery } from './client.ts'
export { type CloseClock, systemClock } from './clock.ts'
export type { WalkDateField } from './delivered.ts'
export { CloseError, type CloseErrorCode, type CloseErrorDetails, isCloseError } from './errors.ts'
export type { FetchFunction } from './exchange.ts'
export { endpoints, enumerations } from './generated/catalogue.ts'
export { type CloseAnswer, judgeResponse, type Verdict } from './judge.ts'
export { type AnswerLimits, defaultAnswerLimits } from './limits.ts'
export { wasNeverSent } from './never-sent.ts'
export type * from './objects.ts'
export type { CursorPage, Page } from './pages.ts'
export { paginate, paginateEvents } from './pagination.ts'
export { parseJson } from './parse-json.ts'
export {
  type AcquireOptions,
  endpointGroup,
  RateBudget,
  type RateBudgetOptions,
  type RateObservation,
  type RatePermit,
  type RequestPriority,
} from './rate-budget.ts'
export {
  type HeaderReader,
  type RateLimitState,
  readRateLimit,
  readRetryAfter,
} from './rate-limit-headers.ts'
export {
  type BuiltRequest,
  buildRequest,
  type CloseMethod,
  type CloseQuery,
  type CloseRequest,
  type QueryValue,
} from './request.ts'
export type {
  Creatable,
  Crud,
  Deletable,
  Fields,
  Gettable,
  Listable,
  ReadOnly,
  Updatable,
} from './resources.ts'
export {
  decideRetry,
  defaultRetryPolicy,
  type FailedAttempt,
  isRepeatable,
  type RetryDecision,
  type RetryPolicy,
} from './retry-timing.ts'
export type {
  SearchBody,
  SearchCondition,
  SearchField,
  SearchMoment,
  SearchPage,
  SearchQuery,
  SearchRow,
} from './search.ts'
export { closeTimestamp, parseCloseTimestamp } from './timestamps.ts'
export type { RequestOptions, TransportOptions } from './transport.ts'
export type { SearchPosition, SearchWalk } from './walk-query.ts'
export {
  type SearchWalkOptions,
  type WalkedPage,
  walkSearch,
} from './walk-search.ts'
