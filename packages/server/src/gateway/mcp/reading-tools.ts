import { idSchema, passWords } from '@latchwork/contract'
import { z } from 'zod'
import { fields, id, listInput, listQuery, withId } from './fields.ts'
import { activityPaths, keysOf, recordPath, recordPaths, recordsWith, settingPaths } from './records.ts'
import { defineTool, namesOf, reads, type Tool, type ToolRequest } from './tool.ts'

const get = (path: string): ToolRequest => ({ method: 'GET', path })

/** A list with the filters that Close documents for it. */
function listTool(name: string, title: string, description: string, path: string): Tool {
  return defineTool({
    ...{ name, title, description, hints: reads },
    input: (may) => (may(get(path)) ? listInput(path) : null),
    work: (input) => {
      const { query, paging } = listQuery(input)
      return { request: { ...get(path), query }, paging }
    },
  })
}

const findActivities = defineTool({
  name: 'find_activities',
  title: 'Find activities',
  description:
    'Lists the notes, calls, emails and other activities of one kind, the newest first; of one lead with lead_id. Some filters work only beside lead_id.',
  hints: reads,
  input: (may) => {
    const kinds = namesOf(keysOf(activityPaths), (name) => may(get(activityPaths[name])))
    // Every kind has these filters.
    return kinds === null ? null : listInput(activityPaths.note).extend({ kind: kinds })
  },
  work: ({ kind, ...input }) => {
    const { query, paging } = listQuery(input)
    return { request: { ...get(activityPaths[kind]), query }, paging }
  },
})

const getRecord = defineTool({
  name: 'get_record',
  title: 'Get one record',
  description: 'One record by its id. A lead brings its contacts, opportunities and open tasks along.',
  hints: reads,
  input: (may) => {
    const objects = namesOf(recordsWith('GET'), (name) => may(get(recordPath(name))))
    return objects === null ? null : z.strictObject({ object: objects, id, fields: fields.optional() })
  },
  work: ({ object, id: recordId, fields: wanted }) => {
    const query = wanted === undefined ? {} : { _fields: withId(wanted).join(',') }
    return { request: { ...get(recordPath(object, recordId)), query } }
  },
})

const listSettings = defineTool({
  name: 'list_settings',
  title: 'List settings',
  description:
    'What the organization has set up: statuses, users, custom fields, templates and more, with their ids.',
  hints: reads,
  input: (may) => {
    const kinds = namesOf(keysOf(settingPaths), (name) => may(get(settingPaths[name])))
    return kinds === null
      ? null
      : z.strictObject({ kind: kinds, limit: listInput('').shape.limit, skip: listInput('').shape.skip })
  },
  work: ({ kind, ...page }) => {
    const { query, paging } = listQuery(page)
    return { request: { ...get(settingPaths[kind]), query: kind === 'me' ? {} : query }, paging }
  },
})

const aboutThisPass = defineTool({
  name: 'about_this_pass',
  title: 'About this pass',
  description: 'What you may and may not do here, and until when. Asks nothing of Close.',
  hints: reads,
  input: () => z.strictObject({}),
  work: () => ({
    words: ({ rules, confirmWrites, limits }) => {
      const { may, mayNot } = passWords(rules, confirmWrites)
      return [may, mayNot, limits].filter((each) => each !== '').join(' ')
    },
  }),
})

const checkConfirmation = defineTool({
  name: 'check_confirmation',
  title: 'Check a confirmation',
  description:
    'What became of a write that waits for a person: asks again, and waits for a while. Makes no write itself.',
  hints: reads,
  input: (_may, pass) =>
    pass === null || pass.confirmWrites ? z.strictObject({ id: idSchema('write') }) : null,
  work: ({ id: writeId }) => ({ check: writeId }),
})

export const readingTools: readonly Tool[] = [
  listTool(
    'find_tasks',
    'Find tasks',
    'Lists tasks: of one lead, of one person, open or done, by date.',
    recordPaths.task,
  ),
  listTool(
    'find_opportunities',
    'Find opportunities',
    'Lists opportunities: of one lead or person, by status, by dates. Values are in cents.',
    recordPaths.opportunity,
  ),
  findActivities,
  getRecord,
  listSettings,
  aboutThisPass,
  checkConfirmation,
]
