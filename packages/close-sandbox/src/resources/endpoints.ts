import { notServedEndpoints } from '../api/not-served.ts'
import { Router } from '../api/router.ts'
import type { Cursors } from '../search/cursors.ts'
import { searchHandler } from '../search/search.ts'
import { activityEndpoints } from './activities.ts'
import { collectionsEndpoints } from './collections.ts'
import { contactEndpoints } from './contacts.ts'
import { customFieldEndpoints } from './custom-fields.ts'
import { customObjectEndpoints } from './custom-objects.ts'
import { eventEndpoints } from './events.ts'
import { leadEndpoints } from './leads.ts'
import { membershipEndpoints } from './memberships.ts'
import { opportunityEndpoints } from './opportunities.ts'
import { peopleEndpoints } from './people.ts'
import { statusReportEndpoints } from './status-reports.ts'
import { taskEndpoints } from './tasks.ts'

/** Every endpoint of Close: those that the sandbox serves, and those that it refuses. */
export function createRouter(cursors: Cursors): Router {
  return new Router(
    peopleEndpoints,
    membershipEndpoints,
    leadEndpoints,
    contactEndpoints,
    opportunityEndpoints,
    taskEndpoints,
    activityEndpoints,
    customObjectEndpoints,
    collectionsEndpoints,
    customFieldEndpoints,
    eventEndpoints,
    statusReportEndpoints,
    { '/data/search/': { POST: searchHandler(cursors) } },
    notServedEndpoints,
  )
}
