import { Select } from '@mantine/core'
import { useMe } from '../api/session-query.ts'

interface OwnerProps {
  owner: { readonly id: string; readonly name: string }
}

/** Whose something is, in a list. */
export function Owner({ owner }: OwnerProps) {
  const me = useMe()
  if (owner.id === me?.id) return <>Yours</>
  return <bdi>{owner.name === '' ? 'Somebody who left' : owner.name}</bdi>
}

export type OwnerChoice = 'me' | 'others' | undefined

interface OwnerFilterProps {
  value: OwnerChoice
  onChange(owner: OwnerChoice): void
}

/** Shows only what is one's own, or only what others own. */
export function OwnerFilter({ value, onChange }: OwnerFilterProps) {
  return (
    <Select
      aria-label="Owner"
      placeholder="Any owner"
      w={160}
      clearable
      clearButtonProps={{ 'aria-label': 'Any owner' }}
      data={[
        { value: 'me', label: 'Mine' },
        { value: 'others', label: 'Of others' },
      ]}
      value={value ?? null}
      onChange={(chosen) => onChange(chosen === 'me' || chosen === 'others' ? chosen : undefined)}
    />
  )
}
