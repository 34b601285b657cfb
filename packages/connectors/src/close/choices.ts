import type { CloseClient, SearchRow } from '@latchwork/close'
import { type FieldOption, invalidField } from '@latchwork/contract'
import { readCustomFields } from './columns.ts'
import { readVerified } from './readers/list.ts'
import type { ChoiceList } from './streams/choice-list.ts'

const paths: Readonly<Record<Exclude<ChoiceList, object>, string>> = {
  users: '/user/',
  lead_statuses: '/status/lead/',
  opportunity_statuses: '/status/opportunity/',
  pipelines: '/pipeline/',
  sequences: '/sequence/',
  forms: '/form/',
  outcomes: '/outcome/',
  email_templates: '/email_template/',
  custom_activity_types: '/custom_activity/',
  custom_object_types: '/custom_object_type/',
}

/** The choices, in the order of their names. @throws CloseError */
export async function readChoices(
  client: CloseClient,
  list: ChoiceList,
  signal: AbortSignal,
): Promise<FieldOption[]> {
  const read = (path: string, query: Readonly<Record<string, string>> = {}) =>
    readVerified(client, path, query, { signal, priority: 'interactive' })
  if (typeof list === 'object' && 'usersIn' in list) {
    const [fields, people] = await Promise.all([
      readCustomFields(client, { of: list.usersIn }),
      readChoices(client, 'users', signal),
    ])
    return fields
      .filter(({ type }) => type === 'user')
      .flatMap(({ id, name }) =>
        people.map(({ value, label }) => ({ value: `${id}:${value}`, label, group: name ?? id })),
      )
  }
  if (typeof list === 'object') {
    const views = await read('/saved_search/', { type: list.smartViews })
    return sorted(views.filter((view) => queryOf(view) !== null).map(optionOf))
  }
  if (list === 'opportunity_statuses') {
    const [statuses, pipelines] = await Promise.all([read(paths[list]), read(paths.pipelines)])
    const names = new Map(pipelines.map(({ id, name }) => [id, name]))
    // In the order of their pipelines, as a person goes through them.
    return statuses.map((status) => {
      const pipeline = names.get(String(status['pipeline_id']))
      return { ...optionOf(status), ...(typeof pipeline === 'string' ? { group: pipeline } : {}) }
    })
  }
  return sorted((await read(paths[list])).map(list === 'users' ? personOf : optionOf))
}

function optionOf(row: SearchRow): FieldOption {
  const label = row['name'] ?? row['label']
  return { value: row.id, label: typeof label === 'string' && label !== '' ? label : row.id }
}

function personOf(row: SearchRow): FieldOption {
  const name = [row['first_name'], row['last_name']].filter((part) => typeof part === 'string').join(' ')
  const email = typeof row['email'] === 'string' ? row['email'] : row.id
  return { value: row.id, label: name.trim() === '' ? email : `${name.trim()} (${email})` }
}

function sorted(options: readonly FieldOption[]): FieldOption[] {
  return [...options].sort((a, b) => a.label.localeCompare(b.label, 'en', { sensitivity: 'base' }))
}

/** The query of a smart view; null of one from before, which has words instead. */
export function queryOf(view: Readonly<Record<string, unknown>>): object | null {
  const { s_query: search } = view
  if (typeof search !== 'object' || search === null || !('query' in search)) return null
  const { query } = search
  return typeof query === 'object' && query !== null ? query : null
}

/** The fault of a choice that the account has no more. */
export function goneChoice(field: string, label: string) {
  return invalidField(field, 'choice', `${label} must be one that the account has: choose it again.`)
}
