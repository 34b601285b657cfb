import { invalid, notFound } from '../api/errors.ts'
import { type ApiRequest, type Endpoints, type Handler, ok } from '../api/request.ts'
import { parseMoment } from '../clock.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import { compileQuery } from '../search/query.ts'
import { recordSubject } from '../search/subjects.ts'

/** What a status report is about. */
interface ReportSubject {
  readonly table: 'lead' | 'opportunity'
  readonly statuses: 'lead_status' | 'opportunity_status'
  readonly change: 'LeadStatusChange' | 'OpportunityStatusChange'
  /** The field of a change that names its record. */
  readonly reference: 'lead_id' | 'opportunity_id'
}

interface Change {
  readonly atMs: number
  readonly from: string | null
  readonly to: string | null
}

/** A record's way through the statuses. */
interface History {
  readonly createdMs: number
  readonly status: string | null
  /** Oldest first. */
  readonly changes: readonly Change[]
}

const DAY_MS = 86_400_000

const LEADS: ReportSubject = {
  table: 'lead',
  statuses: 'lead_status',
  change: 'LeadStatusChange',
  reference: 'lead_id',
}

const OPPORTUNITIES: ReportSubject = {
  table: 'opportunity',
  statuses: 'opportunity_status',
  change: 'OpportunityStatusChange',
  reference: 'opportunity_id',
}

/** The reports of status changes, without the searches and page addresses that Close adds for its own page. */
export const statusReportEndpoints: Endpoints = {
  '/report/statuses/lead/{org_id}/': { GET: report(LEADS) },
  '/report/statuses/opportunity/{org_id}/': { GET: report(OPPORTUNITIES) },
}

function report(subject: ReportSubject): Handler {
  return (request) => {
    const { organization } = request.caller
    if (request.params['org_id'] !== organization.id) throw notFound()
    const fromMs = boundary(request, 'date_start', 0) ?? Number.NEGATIVE_INFINITY
    const toMs = boundary(request, 'date_end', DAY_MS) ?? Number.POSITIVE_INFINITY
    const isOverall = !Number.isFinite(fromMs) && !Number.isFinite(toMs)
    const histories = historiesOf(subject, request)
    const statuses = organization.settings[subject.statuses].all()
    const label = (id: string | null): string | null =>
      textOf(statuses.find((status) => status['id'] === id) ?? {}, 'label')
    return ok({
      status_overview: statuses.map((status) =>
        overview(textOf(status, 'id'), label, histories, fromMs, toMs, isOverall),
      ),
      status_transitions: transitions(
        histories.flatMap((history) => stepsOf(history, fromMs, toMs)),
        label,
      ),
      status_transitions_summary: transitions(
        histories.flatMap((history) => {
          const [from, to] = [statusAt(history, fromMs), statusAt(history, toMs)]
          return to === null || from === to ? [] : [{ from, to }]
        }),
        label,
      ),
    })
  }
}

/** The moment of a parameter; a date without a time counts whole at the end of the range. */
function boundary({ query }: ApiRequest, name: string, dayMs: number): number | null {
  const text = query.get(name)
  if (text === null || text === '') return null
  const atMs = parseMoment(text)
  if (atMs === null) throw invalid({ [name]: 'Input should be a valid date or datetime' })
  return text.length === 10 ? atMs + dayMs : atMs
}

/** Whether the smart view that is named shows a record; all of them where none is. */
function viewTest(subject: ReportSubject, request: ApiRequest): (record: JsonObject) => boolean {
  const { caller, query, nowMs, offsetHours } = request
  const { organization } = caller
  const id = query.get('smart_view_id')
  if (id === null || id === '') return () => true
  const view = organization.settings.saved_search.get(id)
  if (!view || view['type'] !== subject.table) throw invalid({ smart_view_id: 'Smart view not found.' })
  const { s_query: search } = view
  const inner = isObject(search) ? (search['query'] ?? null) : null
  const typed = { type: 'object_type', object_type: subject.table }
  const parts = inner === null ? [] : [inner]
  const { matches } = compileQuery(
    { type: 'and', queries: [typed, { type: 'and', queries: parts }] },
    { organization, userId: caller.user.id, nowMs, offsetHours },
  )
  return (record) => matches?.(recordSubject(organization, subject.table, record)) ?? true
}

function historiesOf(subject: ReportSubject, request: ApiRequest): History[] {
  const { caller, query } = request
  const isShown = viewTest(subject, request)
  const { tables } = caller.organization
  const changes = new Map<string, Change[]>()
  for (const row of tables.activity.rows()) {
    if (tables.activity.kindOf(row) !== subject.change) continue
    const record = tables.activity.record(row)
    const id = textOf(record, subject.reference) ?? ''
    const change: Change = {
      atMs: tables.activity.dateOf('date_created', row),
      from: textOf(record, 'old_status_id'),
      to: textOf(record, 'new_status_id'),
    }
    changes.set(id, [...(changes.get(id) ?? []), change])
  }
  const table = tables[subject.table]
  const user = subject.table === 'opportunity' ? query.get('user_id') : null
  return [...table.rows()].flatMap((row) => {
    const record = table.record(row)
    if ((user !== null && record['user_id'] !== user) || !isShown(record)) return []
    const own = changes.get(textOf(record, 'id') ?? '') ?? []
    return {
      createdMs: table.dateOf('date_created', row),
      status: textOf(record, 'status_id'),
      changes: own.sort((left, right) => left.atMs - right.atMs),
    }
  })
}

/** The status at a moment: the one that the next change left, or the present one; null before the record was made. */
function statusAt({ createdMs, status, changes }: History, atMs: number): string | null {
  if (createdMs >= atMs) return null
  const next = changes.find((change) => change.atMs >= atMs)
  return next ? next.from : status
}

interface Step {
  readonly from: string | null
  readonly to: string | null
}

/** The changes of a record in a range, with its creation as the first of them. */
function stepsOf(history: History, fromMs: number, toMs: number): Step[] {
  const steps: Step[] = history.changes.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const isNew = history.createdMs >= fromMs && history.createdMs < toMs
  return isNew ? [{ from: null, to: history.changes[0]?.from ?? history.status }, ...steps] : steps
}

function overview(
  id: string | null,
  label: (id: string | null) => string | null,
  histories: readonly History[],
  fromMs: number,
  toMs: number,
  isOverall: boolean,
): JsonObject {
  const counts = { started: 0, ended: 0, gained: 0, lost: 0, entered: 0, left: 0 }
  for (const history of histories) {
    const wasIn = statusAt(history, fromMs) === id
    const isIn = statusAt(history, toMs) === id
    const steps = stepsOf(history, fromMs, toMs)
    if (wasIn) counts.started += 1
    if (isIn) counts.ended += 1
    if (isIn && !wasIn) counts.gained += 1
    if (wasIn && !isIn) counts.lost += 1
    if (steps.some(({ to }) => to === id)) counts.entered += 1
    if (steps.some(({ from }) => from === id)) counts.left += 1
  }
  const status: JsonObject = { status_id: id, status_label: label(id), status_is_deleted: false }
  // Over all time nothing was there at the start.
  if (isOverall) return { ...status, ended: counts.ended, entered: counts.entered, left: counts.left }
  const change = counts.ended - counts.started
  const change_percent = counts.started === 0 ? null : (change / counts.started) * 100
  return { ...status, ...counts, change, change_percent }
}

/** How many steps lead from each status to each other. */
function transitions(steps: readonly Step[], label: (id: string | null) => string | null): JsonObject[] {
  const counts = new Map<string, { readonly step: Step; count: number }>()
  for (const step of steps) {
    const key = `${step.from} ${step.to}`
    const found = counts.get(key) ?? { step, count: 0 }
    found.count += 1
    counts.set(key, found)
  }
  return [...counts.values()].map(({ step: { from, to }, count }) => ({
    from_status_id: from,
    from_status_label: label(from),
    from_status_is_deleted: from !== null && label(from) === null,
    to_status_id: to,
    to_status_label: label(to),
    to_status_is_deleted: label(to) === null,
    count,
  }))
}
