import { type Column, type DataRecord, type MappingPair, type Preview, valueIn } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { IconArrowRight } from '@tabler/icons-react'
import { cellText } from '../ui/cell.ts'
import classes from './Mapping.module.css'

const mostValues = 8
const mostRows = 5
const actions = {
  create: { label: 'Create', tone: 'good' },
  update: { label: 'Update', tone: 'active' },
  write: { label: 'Write', tone: 'good' },
  refuse: { label: 'Refuse', tone: 'bad' },
} as const

interface PreviewListProps {
  preview: Preview
  pairs: readonly MappingPair[]
  /** The preview shown belongs to the previous mapping; the new one is being loaded. */
  updating: boolean
}

/** What would happen to the first records, one by one: before, after, and whether it is created, updated or refused. */
export function PreviewList({ preview, pairs, updating }: PreviewListProps) {
  if (preview.rows.length === 0) {
    return <Text c="dimmed">The source has no records at the moment, so there is nothing to preview.</Text>
  }
  const rows = preview.rows.slice(0, mostRows)
  const mapped = pairs.map((pair) => pair.from)
  return (
    <section aria-label="Preview" aria-busy={updating}>
      <Text fw={600} mb={8}>
        What would happen to the first {rows.length} records
      </Text>
      <ol className={classes['preview']} data-updating={updating}>
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: records need not have a key, and the rows hold no state
          <li key={index} className={classes['record']}>
            <div>
              <span className={classes['action']} data-tone={actions[row.action].tone}>
                {actions[row.action].label}
              </span>
            </div>
            <div>
              <span className={classes['half']}>From the source</span>
              <Values record={row.before} columns={preview.sourceColumns} only={mapped} />
            </div>
            <IconArrowRight className={classes['arrow']} size={16} aria-hidden />
            <div>
              <span className={classes['half']}>
                {row.after === null ? 'Would not be written' : 'As it would be written'}
              </span>
              {row.after !== null && (
                <Values record={row.after} columns={preview.targetColumns} only={null} />
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
    </section>
  )
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
