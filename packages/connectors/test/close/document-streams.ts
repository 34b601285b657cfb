import { writeFileSync } from 'node:fs'
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

## How they are read
${Object.values(ways)
  .map(({ word, about }) => `- **${word}**: ${about}.`)
  .join('\n')}

${[...groups].map(([group, rows]) => describeGroup(group, rows)).join('\n\n')}
`
}

function describeGroup(group: string, rows: readonly StreamRow[]): string {
  const lines = rows.map((row) => {
    const { modes, deletes } = streamOf(row)
    const incremental = modes.includes('incremental') ? 'yes' : 'no'
    const cells = [`${row.label} (\`${row.name}\`)`, row.description, ways[row.reading.by].word]
    return `| ${[...cells, incremental, deletions[deletes], freshnessOf(row)].join(' | ')} |`
  })
  return `## ${group}
| stream | what it reads | how | incremental | sees deletions | how fresh |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}`
}

if (import.meta.main)
  writeFileSync(new URL('../../../../docs/streams.md', import.meta.url), describeStreams())
