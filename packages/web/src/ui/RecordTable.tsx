import { type Column, type DataRecord, isRecord, valueIn } from '@latchwork/contract'
import { cellText } from './cell.ts'
import classes from './RecordTable.module.css'

interface RecordTableProps {
  /** What the table shows, for screen readers. */
  label: string
  columns: readonly Column[]
  records: readonly DataRecord[]
}

/** Records as a table that scrolls sideways by itself. Nested values are shown as compact JSON. */
export function RecordTable({ label, columns, records }: RecordTableProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes['scroll']} aria-label={label} tabIndex={0}>
      <table className={classes['table']}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" data-type={column.type} title={column.name}>
                <bdi>{column.label}</bdi>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {records.map((record, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: records need not have a key, and the rows hold no state
            <tr key={index}>
              {columns.map((column) => (
                <Cell key={column.name} column={column} value={valueIn(record, column.name)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Cell({ column, value }: { column: Column; value: unknown }) {
  const text = cellText(value, column.type)
  if (text === '') {
    return (
      <td data-type={column.type} data-empty>
        <span aria-hidden>–</span>
      </td>
    )
  }
  return (
    <td
      data-type={isRecord(value) || Array.isArray(value) ? 'json' : column.type}
      title={text.length > 40 ? text : undefined}
    >
      <div className={classes['clip']}>
        <bdi>{text}</bdi>
      </div>
    </td>
  )
}
