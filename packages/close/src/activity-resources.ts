import type { ListQuery } from './catalogue-types.ts'
import type { Activity, Call, EmailActivity, Note } from './objects.ts'
import {
  type Creatable,
  type Crud,
  type Deletable,
  type Listable,
  type ReadOnly,
  resource,
  type Updatable,
} from './resources.ts'
import type { Transport } from './transport.ts'

/** All activities together, and each kind with the verbs that Close has for it. */
export type ActivityResources = Listable<Activity, ListQuery<'/activity/'>> & {
  notes: Crud<Note, ListQuery<'/activity/note/'>>
  /** Creating one logs a call that was made elsewhere. */
  calls: Crud<Call, ListQuery<'/activity/call/'>>
  /** Creating one with status `outbox` or `scheduled` sends mail. */
  emails: Crud<EmailActivity, ListQuery<'/activity/email/'>>
  /** Deleting one deletes its emails. */
  emailThreads: ReadOnly<Activity, ListQuery<'/activity/emailthread/'>> & Deletable
  /** Creating one with status `outbox` or `scheduled` sends a message. */
  sms: Crud<Activity, ListQuery<'/activity/sms/'>>
  whatsappMessages: Crud<Activity, ListQuery<'/activity/whatsapp_message/'>>
  meetings: ReadOnly<Activity, ListQuery<'/activity/meeting/'>> & Updatable<Activity> & Deletable
  /** Creating one adds to the history and does not change the status. */
  leadStatusChanges: ReadOnly<Activity, ListQuery<'/activity/status_change/lead/'>> &
    Creatable<Activity> &
    Deletable
  /** Creating one adds to the history and does not change the status. */
  opportunityStatusChanges: ReadOnly<Activity, ListQuery<'/activity/status_change/opportunity/'>> &
    Creatable<Activity> &
    Deletable
  created: ReadOnly<Activity, ListQuery<'/activity/created/'>>
  tasksCompleted: ReadOnly<Activity, ListQuery<'/activity/task_completed/'>> & Deletable
  leadMerges: ReadOnly<Activity, ListQuery<'/activity/lead_merge/'>>
  formSubmissions: ReadOnly<Activity, ListQuery<'/activity/form_submission/'>> & Deletable
  importUpdates: ReadOnly<Activity, ListQuery<'/activity/import_update/'>> & Deletable
  custom: Crud<Activity, ListQuery<'/activity/custom/'>>
}

export function activityResources(transport: Transport): ActivityResources {
  return {
    list: resource<Activity, '/activity/'>(transport, '/activity/').list,
    notes: resource(transport, '/activity/note/'),
    calls: resource(transport, '/activity/call/'),
    emails: resource(transport, '/activity/email/'),
    emailThreads: resource(transport, '/activity/emailthread/'),
    sms: resource(transport, '/activity/sms/'),
    whatsappMessages: resource(transport, '/activity/whatsapp_message/'),
    meetings: resource(transport, '/activity/meeting/'),
    leadStatusChanges: resource(transport, '/activity/status_change/lead/'),
    opportunityStatusChanges: resource(transport, '/activity/status_change/opportunity/'),
    created: resource(transport, '/activity/created/'),
    tasksCompleted: resource(transport, '/activity/task_completed/'),
    leadMerges: resource(transport, '/activity/lead_merge/'),
    formSubmissions: resource(transport, '/activity/form_submission/'),
    importUpdates: resource(transport, '/activity/import_update/'),
    custom: resource(transport, '/activity/custom/'),
  }
}
