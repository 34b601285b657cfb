import { ApiError, type ConnectorDefinition, endpoints, mustChoose } from '@latchwork/contract'
import { Fieldset, Group, NativeSelect, Stack, Text, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useRef, useState } from 'react'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { patchOf } from '../api/patch.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { DescriptionField } from '../ui/DescriptionField.tsx'
import { focusFirstFault } from '../ui/first-fault.ts'
import { asksAboutLacking, LackingQuestion } from '../ui/LackingQuestion.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { configToSend, faultsOf, fieldFaults } from './config.ts'
import { hasOwnPreview, PreviewSection } from './PreviewSection.tsx'
import { flowsOfSideQuery, type Side, type SideKind, sideQuery, useUpdateSide } from './queries.ts'
import { SampleSection } from './SampleSection.tsx'
import { SideFields } from './SideFields.tsx'
import classes from './SidesPage.module.css'

interface SideFormProps {
  kind: SideKind
  side: Side
  connector: ConnectorDefinition
}

const nothingHidden: ReadonlySet<string> = new Set()

/** Name, description, credential and fields of a source or destination, to be changed. */
export function SideForm({ side, ...props }: SideFormProps) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [seen, setSeen] = useState(side)
  return <Form key={seen.updatedAt} side={seen} onSaved={setSeen} {...props} />
}

function Form({ kind, side, connector, onSaved }: SideFormProps & { onSaved(side: Side): void }) {
  const editable = may(side, (kind === 'source' ? endpoints.sources : endpoints.destinations).update)
  const [name, setName] = useState(side.name)
  const [description, setDescription] = useState(side.description)
  const [credentialId, setCredentialId] = useState(side.credentialId)
  const [config, setConfig] = useState<Readonly<Record<string, string>>>(side.config)
  const update = useUpdateSide(kind, side.id)
  const fields = connector[kind]?.fields ?? []
  const sent = configToSend(fields, config)
  const isChanged =
    name !== side.name ||
    description !== side.description ||
    credentialId !== side.credentialId ||
    JSON.stringify(sent) !== JSON.stringify(configToSend(fields, side.config))
  /** The form was left, or sent: what is missing is marked. */
  const [isLeft, setLeft] = useState(false)
  const element = useRef<HTMLFormElement>(null)
  const ownFaults = faultsOf(fields, config)
  const refused = update.error instanceof ApiError ? update.error.problem : null
  const refusals = refused === null ? {} : fieldFaults(refused)
  const firstFault = Object.values(ownFaults)[0] ?? (name.trim() === '' ? 'The name is required.' : null)
  const sampleSource = useFirstSource(kind, side)
  const send = (lacking: boolean) => {
    const patch = patchOf(side, { name, description, credentialId, config: sent })
    update.mutate({ ...patch, ...(lacking && { lacking }) }, { onSuccess: onSaved })
  }
  const save = (event: FormEvent) => {
    event.preventDefault()
    if (firstFault !== null) {
      setLeft(true)
      focusFirstFault(element.current)
      return
    }
    send(false)
  }
  return (
    <form
      ref={element}
      onSubmit={save}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget)) setLeft(true)
      }}
      noValidate
    >
      <Stack gap="md" mt="xl">
        <Title order={3} size="h4">
          Settings
        </Title>
        <Fieldset variant="unstyled" disabled={!editable} className={classes['fields'] ?? ''}>
          <Stack gap="md">
            <TextInput
              label="Name"
              required
              maxLength={200}
              dir="auto"
              value={name}
              error={
                isLeft && name.trim() === ''
                  ? 'The name is required.'
                  : (refusals['name'] ?? (refused?.code === 'name_taken' ? refused.detail : undefined))
              }
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <DescriptionField value={description} onChange={setDescription} />
            {credentialId !== null && (
              <CredentialSelect
                connector={connector.id}
                value={credentialId}
                currentName={side.credentialName}
                onChange={setCredentialId}
              />
            )}
            <SideFields
              kind={kind}
              connector={connector}
              credentialId={credentialId}
              hidden={nothingHidden}
              config={config}
              faults={{ ...(isLeft && isChanged ? ownFaults : {}), ...refusals }}
              sampleSource={sampleSource}
              onChange={(changes) => setConfig((current) => ({ ...current, ...changes }))}
            />
          </Stack>
        </Fieldset>
        {kind === 'source' && !mustChoose(connector, sent) && (
          <SampleSection
            request={{ connector: connector.id, credentialId, config: sent }}
            missing={firstFault}
          />
        )}
        {kind === 'destination' && sampleSource !== null && hasOwnPreview(connector) && (
          <PreviewSection
            source={sampleSource}
            destination={{ connector: connector.id, credentialId, config: sent }}
            missing={firstFault}
          />
        )}
        {update.error !== null && !standsElsewhere(update.error) && <ProblemAlert error={update.error} />}
        <LackingQuestion error={update.error} onConfirm={() => send(true)} onCancel={update.reset} />
        {editable && (
          <Group justify="flex-end">
            <Text size="sm" c="dimmed" role="status">
              {isChanged ? firstFault : null}
            </Text>
            <BusyButton type="submit" disabled={!isChanged} busy={update.isPending}>
              Save changes
            </BusyButton>
          </Group>
        )}
      </Stack>
    </form>
  )
}

/** A question is asked about it, or it stands under the rows that it is about. */
function standsElsewhere(error: unknown): boolean {
  return asksAboutLacking(error) || (error instanceof ApiError && error.code === 'mapping_invalid')
}

interface CredentialSelectProps {
  connector: string
  value: string
  currentName: string | null
  onChange(id: string): void
}

function CredentialSelect({ connector, value, currentName, onChange }: CredentialSelectProps) {
  const { data } = useQuery({
    queryKey: ['credentials', 'choices', connector],
    queryFn: () => api.credentials.list({ query: { connector, limit: 200 } }),
  })
  const choices = (data?.items ?? [])
    .filter((credential) => credential.status !== 'draft')
    .map((credential) => ({ value: credential.id, label: credential.name }))
  const isListed = choices.some((choice) => choice.value === value)
  return (
    <NativeSelect
      label="Credential"
      data={isListed ? choices : [{ value, label: currentName ?? value }, ...choices]}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  )
}

/** For a destination: the source of the first flow that feeds it, to show a mapping's effect with. */
function useFirstSource(kind: SideKind, side: Side) {
  const flows = useQuery({
    ...flowsOfSideQuery('destination', side.id),
    enabled: kind === 'destination' && side.flowCount > 0,
  })
  const sourceId = flows.data?.[0]?.source.id
  const source = useQuery({ ...sideQuery('source', sourceId ?? ''), enabled: typeof sourceId === 'string' })
  if (source.data === undefined) return null
  const { connector, credentialId, config } = source.data
  return { connector, credentialId, config }
}
