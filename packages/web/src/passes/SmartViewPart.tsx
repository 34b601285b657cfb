import { Checkbox, Select, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { PartProps } from './draft.ts'
import { smartViewsQuery } from './queries.ts'

/** No id of a smart view. */
const allLeads = 'all leads'

/** The only leads that the pass sees: those of a smart view of the account, by its name. */
export function SmartViewPart({ draft: { credentialId, rules }, faults, onChange }: PartProps) {
  const { smartView: chosen, objects } = rules
  const views = useQuery(smartViewsQuery(credentialId))
  const found = views.data ?? []
  const isGone = chosen !== undefined && views.isSuccess && !found.some(({ id }) => id === chosen.id)
  // What was chosen before can still be seen, and taken away.
  const listed = chosen === undefined || found.some(({ id }) => id === chosen.id) ? found : [chosen, ...found]
  const choose = (id: string | null) => {
    const { smartView: _, ...others } = rules
    const view = listed.find((each) => each.id === id)
    if (view === undefined) onChange({ rules: others })
    else onChange({ rules: { ...others, smartView: { ...view, newLeads: chosen?.newLeads ?? false } } })
  }
  const makesLeads = (['lead', 'contact', 'opportunity'] as const).some((name) =>
    objects[name]?.includes('create'),
  )
  return (
    <Stack gap="sm">
      <Select
        label="Only the leads of a smart view"
        description="With all that belongs to them. Other leads are as if they were not there. Reports, exports, bulk actions, the event log and the like are then refused."
        placeholder="Choose the credential first"
        disabled={credentialId === null}
        searchable
        allowDeselect={false}
        openOnFocus={false}
        dir="auto"
        maw={480}
        data={[
          { value: allLeads, label: 'No smart view: all leads' },
          ...listed.map(({ id, name = id }) => ({ value: id, label: name })),
        ]}
        nothingFoundMessage={views.isFetching ? 'Looking in Close…' : 'No smart view of leads matches.'}
        value={chosen?.id ?? (credentialId === null ? null : allLeads)}
        error={
          faults.smartView ??
          (views.error === null
            ? isGone && 'The account does not have this smart view any more. Choose another one.'
            : `The smart views can’t be looked up now. ${views.error.message}`)
        }
        onChange={choose}
      />
      {chosen !== undefined && makesLeads && (
        <Checkbox
          label="May make new leads"
          description="A new lead may be outside of the smart view: then the pass never sees it again."
          checked={chosen.newLeads ?? false}
          onChange={({ currentTarget: { checked } }) =>
            onChange({ rules: { ...rules, smartView: { ...chosen, newLeads: checked } } })
          }
        />
      )}
    </Stack>
  )
}
