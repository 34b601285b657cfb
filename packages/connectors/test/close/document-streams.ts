import { writeFileSync } from 'node:fs'
import { byHandFields } from '../../src/close/by-hand/form.ts'
import type { Reading, StreamRow } from '../../src/close/streams/row.ts'
import { freshnessOf, streamOf, streamRows } from '../../src/close/streams.ts'
import type { Stream } from '../../src/index.ts'

/** How each reader comes by its records, and what that means while they change. */
const ways: Readonly<Record<Reading['by'], { readonly word: string; readonly about: string }>> = {
  search: {
    word: 'search',
    about:
      'by Close’s search, in the order of the date of creation, several ranges of dates side by side. An edit moves no record in that order. What is created while it is read is read as well',
  },
  list: {
    word: 'list',
    about:
      'page by page. Close’s pages move when a record comes or goes, so the list is read again until two readings in a row have the same records. A list of one page is read once',
  },
  windows: {
    word: 'windows',
    about:
      'from the newest to the oldest, each page as a window of dates that begins where the one before it ended; then once more what was created meanwhile. Neither deleted nor new records can hide another',
  },
  events: {
    word: 'events',
    about:
      'as windows, by the date of the last change. Close puts changes of one record together for some minutes; an event that has changed is given again under the same id. Close keeps 30 days',
  },
  single: { word: 'one answer', about: 'by one request' },
}

const deletions: Readonly<Record<Stream['deletes'], string>> = {
  events: 'yes, from the event log',
  comparison: 'yes, by comparison',
  none: 'no',
}

/** The text of docs/streams.md. Run this file to write it: `node packages/connectors/test/close/document-streams.ts`. */
export function describeStreams(): string {
  const groups = Map.groupBy(streamRows, ({ group }) => group)
  return `# Streams of Close

A stream is one kind of record that a flow reads. Close has the ${streamRows.length} below, and one more for each custom activity type and
each custom object type of the account: these are named by the type's id, labelled as the account does, and have the type's
own fields as columns.

A stream that the credential's user may not read (403), that the plan does not have (402), or that Close does not know (404)
ends with the error \`stream_unavailable\`, which says which stream and why. Custom fields that can't be read are left out, and
the run says so.

Columns are the documented fields with their types, and the account's own custom fields, which a destination calls [as people
do](destinations.md#postgresql). A flow reads all of them, or those that it picks. What Close sends beyond what it
documents stands in the column \`other_fields\` as JSON, where records come from a list; a search sends only the fields that it is
asked for. Keys that sign webhooks and addresses of exported files are never read.

Some streams have the same records: all activities together, and each kind by itself; all custom activities or objects, and each
type. *Everything* reads each record once, either the parts by themselves (each with its own columns) or the whole in one
table; "part of" below says which belong together. What is recommended has each record once as well.

## Parameters
A flow says of each stream what is kept of it, by the parameters below. Choices of the account (people, statuses, smart views
and their like) are picked by name. They are checked when the flow is saved: a parameter that the stream does not have, a value
of another form, or a choice that the account does not have is refused with its name.

A run that reads what changed stays right with parameters: what comes into the filter is read, and what leaves it counts as
deleted. A smart view (of the records, or of their leads) may be decided by other records, by the time, or by whoever changes
it: such a stream is read as a whole by each run, and what is not among it counts as deleted. When parameters are changed, the
stream begins at the start. Days begin at midnight UTC, and are days of the calendar
(\`2026-01-31\`) or counted back from each run (\`30 days ago\`): then what becomes too old counts as deleted, and each run reads the
whole range. Limits and sorting of a smart view are not followed.

| stream | parameters |
| --- | --- |
${streamRows
  .filter(({ parameters = [] }) => parameters.length > 0)
  .map((row) => `| \`${row.name}\` | ${parametersOf(row)} |`)
  .join('\n')}

Each custom activity type has \`user_id\`, \`lead_smart_view\`, \`created_from\` and \`created_to\`, each custom object type the last three.

## A stream by hand
What is not among the streams is read by hand: any path by GET, or any search by its body, under a name of its own
(\`by_hand:deals\`). The flow says how it is paged, where the records are and what their key is; *Test* shows whether it works.
Columns are those of the first records that Close answers; what does not fit stands in \`other_fields\`. Keys that sign webhooks
and addresses of exported files are left out wherever they stand.

| field | what it says |
| --- | --- |
${byHandFields.map(({ name, label, help }) => `| \`${name}\` | ${label}${help === undefined ? '' : `. ${help}`} |`).join('\n')}

Paths have letters, digits, \`_\` and \`-\` between slashes, so that nothing leaves Close's API. Headers that authorize, address or
frame the request, or make another method of it, are refused. A run by *what changed* is told by \`{last_run}\` when the last one
began, and deletes nothing; a run of everything counts what it does not meet as deleted.

In a terminal: \`latchwork flow create … --stream leads --set leads.smart_view="Hot leads" --by-hand deals=deals.json\`, where the file has
the fields as JSON (\`query\` and \`headers\` may be objects, \`body\` JSON itself).

## Reports
The reports of status changes answer rows, and are streams. Close documents no answer of its reports of activities, sent emails
and funnels, nor of its explorer; so they are no streams.

## How they are read
${Object.values(ways)
  .map(({ word, about }) => `- **${word}**: ${about}.`)
  .join('\n')}

${[...groups].map(([group, rows]) => describeGroup(group, rows)).join('\n\n')}
`
}

function parametersOf({ parameters = [] }: StreamRow): string {
  return parameters
    .map(({ field: { name, label, optionsFrom } }) => {
      const from = optionsFrom === 'account' ? ', of the account' : ''
      return `\`${name}\` (${label}${from})`
    })
    .join(', ')
}

function describeGroup(group: string, rows: readonly StreamRow[]): string {
  const lines = rows.map((row) => {
    const { modes, deletes } = streamOf(row)
    const incremental = modes.includes('incremental') ? 'yes' : 'no'
    const part = row.within === undefined ? '' : `; part of \`${row.within}\``
    const cells = [`${row.label} (\`${row.name}\`)${part}`, row.description, ways[row.reading.by].word]
    return `| ${[...cells, incremental, deletions[deletes], freshnessOf(row)].join(' | ')} |`
  })
  return `## ${group}
| stream | what it reads | how | incremental | sees deletions | how fresh |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}`
}

if (import.meta.main)
  writeFileSync(new URL('../../../../docs/streams.md', import.meta.url), describeStreams())
