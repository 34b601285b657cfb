import { mayWrite, type PassPreset, passPresets, presetOf, writeWaitMinutes } from '@latchwork/contract'
import { Checkbox, Text } from '@mantine/core'
import {
  IconBuilding,
  IconEye,
  IconInfinity,
  IconLayoutGrid,
  IconMailOff,
  IconTrashOff,
  type TablerIcon,
} from '@tabler/icons-react'
import { type Choice, ChoiceTiles } from '../ui/ChoiceTiles.tsx'
import { type PartProps, rulesOf } from './draft.ts'
import { ObjectGrid } from './ObjectGrid.tsx'
import classes from './passes.module.css'

const looks: Record<PassPreset, { readonly Icon: TablerIcon; readonly description: string }> = {
  leads: { Icon: IconBuilding, description: 'Sees leads and nothing else.' },
  read: { Icon: IconEye, description: 'Sees everything, changes nothing.' },
  read_without_mail: {
    Icon: IconMailOff,
    description: 'Sees everything but emails, calls, messages, events, reports and exports.',
  },
  no_deletes: { Icon: IconTrashOff, description: 'Reads, creates and changes everything.' },
  everything: { Icon: IconInfinity, description: 'All that the credential may do.' },
}
const byObject = 'by_object'
const presets = (Object.keys(looks) as PassPreset[]) // the keys of the record
  .map((preset) => ({ preset, ...looks[preset] }))

const choices: readonly Choice[] = [
  ...presets.map(({ preset, description, Icon }) => ({
    value: preset,
    label: passPresets[preset].label,
    description,
    icon: <Icon size={20} stroke={1.5} aria-hidden />,
  })),
  {
    value: byObject,
    label: 'Object by object',
    description: 'Tick what it may read, create, change and delete.',
    icon: <IconLayoutGrid size={20} stroke={1.5} aria-hidden />,
  },
]

/** What the pass may do: a preset, or a box for each object and verb. */
export function WhatPart({ draft, faults, onChange }: PartProps) {
  const { rules } = draft
  const choose = (value: string) => {
    const found = presets.find(({ preset }) => preset === value)?.preset
    // What was chosen before is where the boxes begin.
    if (found === undefined) onChange({ byObject: true })
    else onChange({ byObject: false, rules: { ...rules, objects: passPresets[found].grants } })
  }
  return (
    <>
      <ChoiceTiles
        label="What it may do"
        choices={choices}
        value={draft.byObject ? byObject : presetOf(rules.objects)}
        onChange={choose}
      />
      {faults.objects !== undefined && (
        <Text role="alert" className={classes['fault'] ?? ''} tabIndex={-1} aria-invalid>
          {faults.objects}
        </Text>
      )}
      {draft.byObject && (
        <ObjectGrid
          value={rules.objects}
          onChange={(objects) => onChange({ rules: { ...rules, objects } })}
        />
      )}
      {(mayWrite(rulesOf(draft)) || draft.confirmWrites) && (
        <Checkbox
          label="A person confirms each write"
          description={`An agent’s write waits here for up to ${writeWaitMinutes} minutes, with what it would change. Other programs can’t write with this pass.`}
          checked={draft.confirmWrites}
          onChange={({ currentTarget: { checked } }) => onChange({ confirmWrites: checked })}
        />
      )}
    </>
  )
}
