import {
  type PassGrants,
  type PassObjectName,
  type PassVerb,
  passObject,
  passObjectNames,
  passVerbs,
} from '@latchwork/contract'
import { Checkbox } from '@mantine/core'
import { Fragment } from 'react'
import classes from './grid.module.css'
import { type Box, boxesOf, isTicked, objectGroups, tickedOf, withBoxes } from './grid.ts'

const verbWords: Record<PassVerb, string> = {
  read: 'Read',
  create: 'Create',
  change: 'Change',
  delete: 'Delete',
}

interface ObjectGridProps {
  value: PassGrants
  onChange(grants: PassGrants): void
}

/** A box for each object and verb that Close has; a box at the end of a row or column ticks all of it. */
export function ObjectGrid({ value, onChange }: ObjectGridProps) {
  const tick = (boxes: readonly Box[], isOn: boolean) => onChange(withBoxes(value, boxes, isOn))
  const all = (boxes: readonly Box[]) => {
    const ticked = tickedOf(value, boxes)
    return {
      checked: ticked === 'all',
      indeterminate: ticked === 'some',
      onChange: () => tick(boxes, ticked !== 'all'),
    }
  }
  return (
    <div className={classes['frame']}>
      <table className={classes['grid']} aria-label="What it may do, object by object">
        <thead>
          <tr>
            <th scope="col" className={classes['head']}>
              Object
            </th>
            {passVerbs.map((verb) => (
              <th key={verb} scope="col" className={classes['head']}>
                <Checkbox
                  label={verbWords[verb]}
                  aria-label={`${verbWords[verb]} everything`}
                  {...all(boxesOf(passObjectNames, [verb]))}
                />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {objectGroups.map(({ label, objects }) => (
            <Fragment key={label}>
              <tr>
                <th scope="rowgroup" colSpan={1 + passVerbs.length} className={classes['group']}>
                  {label}
                </th>
              </tr>
              {objects.map((name) => (
                <tr key={name} className={classes['row']}>
                  <RowHead name={name} whole={all(boxesOf([name]))} />
                  {passVerbs.map((verb) => (
                    <td key={verb} className={classes['box']}>
                      {passObject(name).verbs.includes(verb) && (
                        <Checkbox
                          aria-label={`${passObject(name).label}: ${verb}`}
                          checked={isTicked(value, { name, verb })}
                          onChange={(event) => tick([{ name, verb }], event.currentTarget.checked)}
                        />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface RowHeadProps {
  name: PassObjectName
  whole: { readonly checked: boolean; readonly indeterminate: boolean; onChange(): void }
}

function RowHead({ name, whole }: RowHeadProps) {
  const { label, hint } = passObject(name)
  return (
    <th scope="row" className={classes['object']}>
      <Checkbox label={label} aria-label={`${label}: all`} description={hint} {...whole} />
    </th>
  )
}
