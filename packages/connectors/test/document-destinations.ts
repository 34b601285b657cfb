import { writeFileSync } from 'node:fs'
import { type ConnectorDefinition, columnHolds, columnTypes } from '@latchwork/contract'
import { files, postgres, testClose } from './context.ts'

const destinations = [postgres, files, testClose()].map(({ definition }) => definition)

/**
 * The text of docs/destinations.md. Run this file to write it: `node packages/connectors/test/document-destinations.ts`.
 */
export function describeDestinations(): string {
  return `# Destinations

What each destination does with the streams of a flow, and what happens when things go wrong. A run writes a batch, and saves how far it is only when the destination has it for good; a batch that is written twice changes nothing.

| | ${destinations.map(({ label }) => label).join(' | ')} |
| --- | ${destinations.map(() => '---').join(' | ')} |
${row('Streams', (abilities) => abilities.streams)}
${row('Deleted records', (abilities) => abilities.deletions)}
${row('Deletions can be', ({ follows }) => ['left', ...follows.map((each) => policies[each])].join(', '))}
${row('Columns that change', (abilities) => abilities.evolution)}
${row('The same records again', (abilities) => abilities.repeat)}

## PostgreSQL
**Names.** A stream's table is called as the flow says, in lower case with \`_\` between the words: \`Lead statuses\` becomes \`lead_statuses\`. A name of more than 63 bytes is cut and ends in a hash. Where the flow names none, it has the stream's own name (types of the account: what people call them, see below); the only stream of a flow has the table of the destination's form, if that names one. Two streams of one table, and names that begin with \`pg_\`, are refused with the reason.

**Types of the account.** A custom activity type or custom object type is written to a table that is called as people call the type, by the rule of columns: *Onboarding call*, which Close names \`actitype_…\`, goes into \`onboarding_call\`. A second one of that name is counted (\`onboarding_call_2\`). A name that SQL or PostgreSQL keeps for itself, or that begins with a digit, gets a word before it (\`records_order\`), and so does one that would be the table of a list. A name in a script that is not spelled in Latin letters leaves the id. The table's comment has both: *Onboarding call (actitype_…)*. The flow remembers the name: a type that is called otherwise in Close keeps its table, and so does each type of a flow from before there were such names. So it is with files. The only stream of a flow has the place of the destination's form, if that names one.

**Names of columns.** A column is called as people call it: *Number of seats*, which Close names \`custom.cf_…\`, becomes \`number_of_seats\`. A name that needs no quotes stays as it is (\`date_created\`); others are written in lower case with \`a\` to \`z\`, digits and \`_\` (Latin, Greek and Cyrillic letters are spelled with these; a label in another script leaves the source's own name), cut to 63 bytes, with a \`_\` behind a word that SQL keeps for itself (\`user_\`), and counted where two are alike (\`seats_2\`). The column's comment has the label and the source's name: *Number of seats (custom.cf_…)*. A flow may give any column a name of its own (in the page *Columns*, in \`columns\` of the API as \`{"name": "custom.cf_…", "as": "seats"}\`, \`--column leads:custom.cf_…=seats\`). The flow remembers what each is called: a field that is called otherwise in Close keeps its column, and the run says so. *Take the new names* on the flow's page, or \`latchwork flow columns take-names\`, renames the columns with the next run. Flows from before there were names keep \`custom.cf_…\` until then, and a table that has such a column keeps it for new flows too.

**A field that changes** is told with the run (\`schema_changed\`). A new one gets a column, with what old records have in it. One that is gone leaves its column as it is, also where the flow has chosen it by name. A date that becomes a time goes on, and so does all that comes into a column of text. Any other change of type (a number that becomes text) ends the stream with \`schema_change_held\` before anything is read: on the page of the flow or of the run somebody chooses to keep both, in a new column (\`seats_text\`) beside the one of before, or to go on in the same column, which becomes wide enough as soon as a value needs it. The next run reads the stream from the start. The other streams go on meanwhile. The same holds for a flow that finds a column of another type in a table that is there:

| the column has | \`text\` comes | \`number\` | \`boolean\` | \`date\` | \`time\` | a list or object |
| --- | --- | --- | --- | --- | --- | --- |
${columnTypes.map((has) => `| \`${has}\` | ${columnTypes.map((type) => (columnHolds(has, type) ? 'goes on' : 'waits for a choice')).join(' | ')} |`).join('\n')}

A value that does not fit the type that its field has in the source makes the column wider, and the run says so (\`column_widened\`). So it is with files, whose types are found by looking at their values.

**Lists** of a record (email addresses, phone numbers, addresses, attendees, custom fields with several values) stand as JSON in their column. A flow may give those of a stream tables of their own instead: *Lists in a record* on the page, \`"lists": "tables"\` in the API, \`--lists-apart leads\`. \`leads_addresses\` then has a row for each item: \`_parent_id\` (the key of the record, with its type), \`_position\` (from 0 on), a column for each field that the source documents, and \`_more\` for what else the item has; a plain item stands in \`value\`. The items are replaced in the transaction that writes their record, and are marked or removed with it; an item that is refused refuses its record. The name is that of the table and of the column, cut as other names are; a name that another stream has is refused with the reason. Lists of records that are a stream of their own (the contacts, opportunities and tasks of a lead), and columns of which nobody knows that they are lists, stay JSON. A table that has the column already goes on to have the JSON, too. Another choice reads the stream from the start; tables that a flow does not write any more stay as they are.

**Schema.** The form names one, and a flow may have one of its own: in the wizard and under *Change source or destination*, \`schema\` of the API, \`--schema\`. One that is missing is made. If the user may not make it, the run says so before anything is read. Another schema is another place: the next run reads all streams whole.

**Columns of Latchwork.** Each table has \`_synced_at\`: when the row was last written. Where deleted records are marked it has \`_deleted_at\` too: since when the source does not have the record; null for all others, also for one that comes again. Tables of earlier versions get the columns with the next run, and nothing else changes for their flows. A column of that name that somebody else has made is left alone as long as deleted records stay; otherwise it is used if its type is \`timestamptz\`, and refused if not. A user who may not add columns can still write to a table without them, as long as deleted records stay.

**Deletions.** A run that reads changes is told which records were deleted. After a full run, rows that it has not written are gone from the source, and are marked or removed, at most 5,000 in a transaction; if they are more than half, only once somebody says so ([flows](flows.md#runs-of-a-part)). That is not done where a record was refused or a kind of records could not be read, since what was not written may be there all the same. A flow that follows deletions therefore wants its table for itself: what another flow has written looks gone. Rows of which nobody knows when they were written (\`_synced_at\` is null: they are older than the column, or somebody else's) are marked too, but never removed; \`DELETE FROM leads WHERE _synced_at IS NULL\` does it by hand.

**A table that is there already** keeps its columns and their types. It is refused before anything is read if its key is missing or not unique, if it wants a value in a column that the records do not have (NOT NULL without a default or a trigger), if it generates a column itself that would be written, if a column can't hold any value of its kind (a list in \`integer[]\`), or if the user lacks a right.

**A batch** is written in one transaction: COPY into a temporary table that lasts as long as the transaction, then one statement that inserts and updates, then the deletions. A row that PostgreSQL refuses (by its values, a constraint, a policy of the table, or a trigger that raises an exception or leaves the row out) is found by halving, and the others are written. Each stream has a connection, and nothing of it is needed from one transaction to the next, so a pooler in transaction mode (PgBouncer) may stand between.

**When things go wrong.** A broken connection is made again five times, then the run waits and goes on from its checkpoint. A run that another process has taken up commits nothing more.

## Files
**Names.** The only stream of a flow is written to the file of the form, unless the flow names it. Otherwise the stream's name stands behind the form's: \`close.jsonl\` and \`leads\` make \`close-leads.jsonl\`. These files belong to the flow's owner, and count among the files that one may have.

**Names of columns.** The first row of a CSV file and the keys of JSON lines are what the flow calls the columns, as for PostgreSQL: they stay when a label changes. The form says otherwise: labels (CSV), or the names of the source (\`custom.cf_…\`). A file has no types, so a field of another type only is told.

**A full run** writes a part beside each file and puts it in place when its stream is complete: a reader sees the old whole file or the new one. Deleted records are simply not in it.

**A run that reads changes** writes the whole file the first time, and later a file of what has changed, named by the time: \`close-leads-2026-11-27T10-15-00Z.jsonl\`. It replaces no other, and is not made where nothing has changed. Unless deleted records are left, a deletion is a line with the key and \`_deleted_at\`; in CSV, \`_deleted_at\` is the last column. A program that takes the whole file first, and then the files of changes since that was written, in the order of their names, has the state of the source. A name is never before those of earlier runs, also where a clock was set back. The files stay until somebody deletes them: a full run now and then, and deleting what is older, keeps them few.

**When things go wrong.** A run that goes on after a crash cuts off what was not acknowledged. A full disk or a full share ends the run with the reason, and the files of before stay.

## Close
Records are created and updated as they are mapped ([flows and their runs](flows.md)). Nothing is deleted in Close.
`
}

const policies = { mark: 'marked', remove: 'removed' } as const

function row(
  title: string,
  of: (abilities: NonNullable<ConnectorDefinition['destination']>['abilities']) => string,
): string {
  const cells = destinations.map(({ destination }) => (destination === null ? '' : of(destination.abilities)))
  return `| ${title} | ${cells.join(' | ')} |`
}

if (import.meta.main) {
  writeFileSync(new URL('../../../docs/destinations.md', import.meta.url), describeDestinations())
}
