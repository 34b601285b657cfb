export type * from './account-objects.ts'
export type { CloseAuth } from './auth.ts'
export type {
  AcquireOptions,
  Budget,
  BudgetUse,
  PermitSource,
  Place,
  RatePermit,
  RequestPriority,
} from './budget.ts'
export type { ListQuery } from './catalogue-types.ts'
export { type CloseClient, type CloseClientOptions, createCloseClient, type EventQuery } from './client.ts'
export { type CloseClock, systemClock } from './clock.ts'
export type { WalkDateField } from './delivered.ts'
export { CloseError, type CloseErrorCode, isCloseError } from './errors.ts'
export { endpoints, enumerations } from './generated/catalogue.ts'
export { type BucketsState, GroupBuckets, newBucketsState } from './group-buckets.ts'
export { rememberMs as limitsRememberedMs } from './group-limits.ts'
export { type AnswerLimits, defaultAnswerLimits } from './limits.ts'
export { proxyRefusal, refusingStatus, wasNeverSent } from './never-sent.ts'
export type * from './objects.ts'
export type { CursorPage, Page } from './pages.ts'
export { paginate, paginateEvents } from './pagination.ts'
export { parseJson } from './parse-json.ts'
export { endpointGroup, RateBudget, type RateBudgetOptions } from './rate-budget.ts'
export { type RateObservation, readRateLimit, readWait } from './rate-limit-headers.ts'
export { type CloseRequest, isHeaderValue, isOwnHeader } from './request.ts'
export type { Fields } from './resources.ts'
export type { RetryPolicy } from './retry-timing.ts'
export type { SearchCondition, SearchField, SearchQuery, SearchRow } from './search.ts'
export { closeTimestamp, parseCloseTimestamp } from './timestamps.ts'
export type { RequestOptions } from './transport.ts'
export type { SearchPosition } from './walk-query.ts'
export { type SearchWalkOptions, type WalkedPage, walkSearch } from './walk-search.ts'
