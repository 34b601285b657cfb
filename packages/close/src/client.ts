import type {
  CloseEvent,
  CustomField,
  CustomFieldObjectType,
  Me,
  Membership,
  OpportunityStatus,
  Organization,
  Pipeline,
  SavedSearch,
  Status,
  User,
} from './account-objects.ts'
import { type ActivityResources, activityResources } from './activity-resources.ts'
import type { ListQuery } from './catalogue-types.ts'
import { unusableAnswer } from './judge.ts'
import type { Contact, Lead, Opportunity, Task } from './objects.ts'
import {
  type CursorPage,
  isCloseObject,
  type Page,
  parseCursorPage,
  parseObject,
  parsePage,
} from './pages.ts'
import { isObject } from './parse-json.ts'
import { type CloseQuery, type CloseRequest, type QueryValue, recordId } from './request.ts'
import {
  type Crud,
  type Deletable,
  type Gettable,
  type ReadOnly,
  resource,
  type Updatable,
} from './resources.ts'
import { parseSearchPage, type SearchBody, type SearchPage, type SearchRow } from './search.ts'
import { createTransport, type RequestOptions, type TransportOptions } from './transport.ts'

export type CloseClientOptions = TransportOptions

/** Only some filters go together; see Close's page on the event log. */
export type EventQuery = ListQuery<'/event/'> & { readonly _cursor?: QueryValue }

/** The Close API of one credential. Every method rejects with a `CloseError`. */
export type CloseClient = {
  /** The user that the credential acts for. */
  me(options?: RequestOptions): Promise<Me>
  organization(id: string, options?: RequestOptions): Promise<Organization>
  leads: Crud<Lead, ListQuery<'/lead/'>>
  contacts: Crud<Contact, ListQuery<'/contact/'>>
  opportunities: Crud<Opportunity, ListQuery<'/opportunity/'>>
  tasks: Crud<Task, ListQuery<'/task/'>>
  activities: ActivityResources
  users: ReadOnly<User, ListQuery<'/user/'>>
  leadStatuses: Crud<Status, ListQuery<'/status/lead/'>>
  opportunityStatuses: Crud<OpportunityStatus, ListQuery<'/status/opportunity/'>>
  /** Their list has no pages. */
  pipelines: Crud<Pipeline, ListQuery<'/pipeline/'>>
  customFields(objectType: CustomFieldObjectType): Crud<CustomField, ListQuery<'/custom_field/lead/'>>
  savedSearches: Crud<SavedSearch, ListQuery<'/saved_search/'>>
  /** Members are listed by `organization`; Close has no list of its own for them. */
  memberships: Updatable<Membership> & Deletable
  events: Gettable<CloseEvent> & {
    list(query?: EventQuery, options?: RequestOptions): Promise<CursorPage<CloseEvent>>
  }
  /** One page of a search; `walkSearch` reads any number of records. */
  search(body: SearchBody, options?: RequestOptions): Promise<SearchPage>
  /** One page of any list, such as `/playbook/`; `paginate` reads them all. */
  list(path: string, query?: CloseQuery, options?: RequestOptions): Promise<Page<SearchRow>>
  /** Any one record, by its path. */
  record(path: string, query?: CloseQuery, options?: RequestOptions): Promise<SearchRow>
  /** Any other endpoint (see `endpoints`): the parsed answer, `null` for an empty one. */
  request(request: CloseRequest, options?: RequestOptions): Promise<unknown>
}

/**
 * A client for the Close API by API key or OAuth.
 * @throws CloseError `invalid` when `apiUrl` is not an https origin, or one of a gateway
 */
export function createCloseClient(options: CloseClientOptions): CloseClient {
  const transport = createTransport(options)
  const events = resource<CloseEvent, '/event/'>(transport, '/event/')
  return {
    me: (requestOptions) => transport({ method: 'GET', path: '/me/' }, requestOptions, parseMe),
    async organization(id, requestOptions) {
      const path = `/organization/${recordId(id)}/`
      return transport({ method: 'GET', path }, requestOptions, (answer) =>
        parseObject<Organization>(answer, true),
      )
    },
    leads: resource(transport, '/lead/'),
    contacts: resource(transport, '/contact/'),
    opportunities: resource(transport, '/opportunity/'),
    tasks: resource(transport, '/task/'),
    activities: activityResources(transport),
    users: resource(transport, '/user/'),
    leadStatuses: resource(transport, '/status/lead/'),
    opportunityStatuses: resource(transport, '/status/opportunity/'),
    pipelines: resource(transport, '/pipeline/'),
    customFields: (objectType) => resource(transport, `/custom_field/${recordId(objectType)}/`),
    savedSearches: resource(transport, '/saved_search/'),
    memberships: resource(transport, '/membership/'),
    events: {
      get: events.get,
      list: (query, requestOptions) =>
        transport({ method: 'GET', path: '/event/', query }, requestOptions, parseCursorPage<CloseEvent>),
    },
    search: (body, requestOptions) =>
      transport({ method: 'POST', path: '/data/search/', body }, requestOptions, parseSearchPage),
    list: (path, query, requestOptions) =>
      transport({ method: 'GET', path, query }, requestOptions, parsePage<SearchRow>),
    record: (path, query, requestOptions) =>
      transport({ method: 'GET', path, query }, requestOptions, (answer) =>
        parseObject<SearchRow>(answer, true),
      ),
    request: (request, requestOptions) => transport(request, requestOptions, (answer) => answer),
  }
}

/** The identity must be complete, since it decides whether a credential may be used. */
function parseMe(value: unknown): Me {
  if (isMe(value)) return value
  throw unusableAnswer(true, 'it does not say whose credential this is')
}

function isMe(value: unknown): value is Me {
  if (!isCloseObject(value) || !isObject(value)) return false
  const { email, organizations } = value
  return typeof email === 'string' && Array.isArray(organizations) && organizations.every(isOrganization)
}

function isOrganization(value: unknown): value is Organization {
  return isCloseObject(value) && isObject(value) && typeof value['name'] === 'string'
}
