import { type Column, type DataRecord, type Preview, valueIn } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { cellText } from '../ui/cell.ts'
import classes from './Mapping.module.css'

const mostValues = 8
/** So many of them are shown whatever happens to them. */
const mostRows = 5
const actions = {
  create: { label: 'Create', done: 'created', tone: 'good' },
  update: { label: 'Update', done: 'updated', tone: 'active' },
  write: { label: 'Write', done: 'written', tone: 'good' },
  refuse: { label: 'Refuse', done: 'refused', tone: 'bad' },
} as const

interface PreviewListProps {
  preview: Preview
  /** Names of the source's columns that are written; null for all. */
  columns: readonly string[] | null
  /** The preview shown belongs to the previous mapping; the new one is being loaded. */
  updating: boolean
}

/** What would happen to the first records, one by one: before, after, and whether it is created, updated or refused. */
export function PreviewList({ preview, columns, updating }: PreviewListProps) {
  if (preview.rows.length === 0) {
    return <Text c="dimmed">The source has no records at the moment, so there is nothing to preview.</Text>
  }
  const rows = preview.rows.filter(({ action }, index) => index < mostRows || action === 'refuse')
  return (
    <section aria-label="Preview" aria-busy={updating}>
      <Text fw={600} mb={8}>
        {preview.rows.length === 1
          ? 'What would happen to the first record'
          : `What would happen to the first ${preview.rows.length} records`}
        : {countSentence(preview)}
      </Text>
      <ol className={classes['preview']} data-updating={updating}>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: records need not have a key, and the rows hold no state
          <li key={index} className={classes['record']}>
            <div>
              <span className={classes['action']} data-tone={actions[row.action].tone}>
                {actions[row.action].label}
              </span>
              {row.row !== null && <span className={classes['rowNumber']}>Row {row.row}</span>}
            </div>
            <div>
              <span className={classes['half']}>From the source</span>
              <Values record={row.before} columns={preview.sourceColumns} only={columns} />
            </div>
            <IconArrowRight className={classes['arrow']} size={16} aria-hidden />
            <div>
              <span className={classes['half']}>
                {row.after === null ? 'Would not be written' : 'As it would be written'}
              </span>
              {row.after !== null && (
                <Values
                  record={row.after}
                  columns={preview.targetColumns.length === 0 ? preview.sourceColumns : preview.targetColumns}
                  only={null}
                />
              )}
              {row.message !== null && (
                <Text size="xs" c={row.action === 'refuse' ? 'var(--status-bad)' : 'dimmed'} dir="auto">
                  {row.message}
                </Text>
              )}
            </div>
          </li>
        ))}
      </ol>
      {preview.notes.map((note) => (
        <Text key={note} size="sm" c="dimmed" mt={8} dir="auto">
          {note}
        </Text>
      ))}
    </section>
  )
}

/** "8 created, 2 refused" */
function countSentence({ rows }: Preview): string {
  const counts = Map.groupBy(rows, ({ action }) => actions[action].done)
  return [...counts].map(([done, { length }]) => `${length} ${done}`).join(', ')
}

interface ValuesProps {
  record: DataRecord
  columns: readonly Column[]
  /** Names to show, in this order; null for all of the record. */
  only: readonly string[] | null
}

function Values({ record, columns, only }: ValuesProps) {
  const names =
    only === null ? Object.keys(record) : [...new Set(only)].filter((name) => Object.hasOwn(record, name))
  return (
    <dl className={classes['values']}>
      {names.slice(0, mostValues).map((name) => {
        const column = columns.find((candidate) => candidate.name === name)
        const text = cellText(valueIn(record, name), column?.type ?? 'text')
        return (
          <div key={name} style={{ display: 'contents' }}>
            <dt title={name}>{column?.label ?? name}</dt>
            <dd title={text}>
              <bdi>{text || '–'}</bdi>
            </dd>
          </div>
        )
      })}
    </dl>
  )
}
