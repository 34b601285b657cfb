import { type FieldLimit, type PassObjectName, passObject, passObjectNames } from '@latchwork/contract'
import { ActionIcon, Button, NativeSelect, Stack, TagsInput, Text, Textarea } from '@mantine/core'
import { IconChevronDown, IconChevronRight, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import type { PartProps } from './draft.ts'
import { FieldPicker } from './FieldPicker.tsx'
import classes from './passes.module.css'
import { SmartViewPart } from './SmartViewPart.tsx'

/** Limits that few passes have: a smart view, fields, addresses, endpoints by hand. Folded until wanted, or used. */
export function FurtherPart(part: PartProps) {
  const { draft, faults, onChange } = part
  const isUsed =
    draft.addresses.length > 0 ||
    draft.paths !== '' ||
    Object.keys(draft.rules.fields ?? {}).length > 0 ||
    draft.rules.smartView !== undefined
  const [isOpen, setOpen] = useState(isUsed)
  const isFaulty = (faults.smartView ?? faults.fields ?? faults.addresses ?? faults.paths) !== undefined
  const shown = isOpen || isFaulty
  const Chevron = shown ? IconChevronDown : IconChevronRight
  return (
    <section className={classes['part']} aria-label="Further limits">
      <div>
        <Button
          variant="subtle"
          color="gray"
          px="sm"
          leftSection={<Chevron size={16} aria-hidden />}
          aria-expanded={shown}
          onClick={() => setOpen(!shown)}
        >
          Further limits
        </Button>
        {!shown && (
          <Text span size="xs" c="dimmed">
            A smart view, fields, addresses, single endpoints
          </Text>
        )}
      </div>
      {shown && (
        <Stack gap="lg">
          <SmartViewPart {...part} />
          <FieldLimits {...part} />
          <TagsInput
            label="Only from these addresses"
            description="IP addresses, or networks such as 10.0.0.0/8. Blank: from anywhere."
            placeholder={draft.addresses.length === 0 ? '203.0.113.7' : ''}
            splitChars={[',', ' ', '\n']}
            value={[...draft.addresses]}
            error={faults.addresses}
            onChange={(addresses) => onChange({ addresses })}
          />
          <Textarea
            label="Single endpoints"
            description="Beside what is ticked above: a method and a path of Close’s API on each line; {id} stands for one part of a path."
            placeholder="GET /lead/{id}/"
            autosize
            minRows={2}
            maxRows={8}
            spellCheck={false}
            className={classes['code'] ?? ''}
            value={draft.paths}
            error={faults.paths}
            onChange={({ currentTarget: { value } }) => onChange({ paths: value })}
          />
        </Stack>
      )}
    </section>
  )
}

/** Which fields of an object may be read or written. */
function FieldLimits({ draft: { credentialId, rules }, faults, onChange }: PartProps) {
  const { fields = {}, objects } = rules
  const limited = passObjectNames.filter((name) => fields[name] !== undefined && objects[name] !== undefined)
  const others = passObjectNames.filter((name) => fields[name] === undefined && objects[name] !== undefined)
  const set = (name: PassObjectName, limit: FieldLimit | undefined) => {
    const { [name]: _, ...rest } = fields
    onChange({ rules: { ...rules, fields: limit === undefined ? rest : { ...rest, [name]: limit } } })
  }
  return (
    <Stack gap="sm">
      <NativeSelect
        label="Only some fields of"
        description="Other fields are cut out of answers, and refused in what is written."
        maw={320}
        disabled={others.length === 0}
        data={[
          { value: '', label: 'Choose an object' },
          ...others.map((name) => ({ value: name, label: passObject(name).label })),
        ]}
        value=""
        onChange={({ currentTarget: { value } }) => {
          const name = others.find((each) => each === value)
          if (name !== undefined) set(name, {})
        }}
      />
      {limited.map((name) => (
        <FieldLimitRow
          key={name}
          name={name}
          credentialId={credentialId}
          limit={fields[name] ?? {}}
          mayRead={objects[name]?.includes('read') ?? false}
          mayWrite={objects[name]?.some((verb) => verb === 'create' || verb === 'change') ?? false}
          onChange={(limit) => set(name, limit)}
        />
      ))}
      {faults.fields !== undefined && (
        <Text role="alert" className={classes['fault'] ?? ''}>
          {faults.fields}
        </Text>
      )}
    </Stack>
  )
}

interface FieldLimitRowProps {
  name: PassObjectName
  credentialId: string | null
  limit: FieldLimit
  mayRead: boolean
  mayWrite: boolean
  onChange(limit: FieldLimit | undefined): void
}

function FieldLimitRow({ name, credentialId, limit, mayRead, mayWrite, onChange }: FieldLimitRowProps) {
  const { label } = passObject(name)
  const input = (kind: 'read' | 'write', words: string) => (
    <FieldPicker
      label={`${label}: fields that may be ${words}`}
      credentialId={credentialId}
      object={name}
      value={limit[kind] ?? []}
      onChange={(names) => onChange({ ...limit, [kind]: names.length === 0 ? null : names })}
    />
  )
  return (
    <div className={classes['limit']}>
      <Stack gap="sm" flex={1} miw={0}>
        {mayRead && input('read', 'read')}
        {mayWrite && input('write', 'written')}
      </Stack>
      <ActionIcon aria-label={`All fields of ${label}`} onClick={() => onChange(undefined)}>
        <IconX size={16} aria-hidden />
      </ActionIcon>
    </div>
  )
}
