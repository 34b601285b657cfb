import { type Credential, credentialTagsSchema, endpoints } from '@latchwork/contract'
import { ActionIcon, Button, Group, Stack, TagsInput, Text } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { patchOf } from '../api/patch.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { showChanged } from './queries.ts'
import classes from './tags.module.css'

const mostTags = 20
const longestTag = 40

interface TagsFieldProps {
  value: readonly string[]
  error?: string | undefined
  autoFocus?: boolean
  onChange(tags: readonly string[]): void
  onFocus?(): void
}

/** Words that a credential is found by. */
export function TagsField({ value, error, autoFocus = false, onChange, onFocus }: TagsFieldProps) {
  return (
    <TagsInput
      label="Tags"
      description="Optional words to find it by, for example production. Press Enter or a comma after each."
      dir="auto"
      value={[...value]}
      error={error}
      maxTags={mostTags}
      maxLength={longestTag}
      acceptValueOnBlur
      autoFocus={autoFocus}
      comboboxProps={{ withinPortal: false }}
      onChange={(tags) => {
        const parsed = credentialTagsSchema.safeParse(tags)
        if (parsed.success) onChange(parsed.data)
      }}
      {...(onFocus === undefined ? {} : { onFocus })}
    />
  )
}

/** Tags as they stand in a tile or a list. */
export function Tags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  return (
    <span className={classes['tags']}>
      {tags.map((tag) => (
        <bdi key={tag} className={classes['tag']}>
          {tag}
        </bdi>
      ))}
    </span>
  )
}

/** The tags of a saved credential, edited where they stand. */
export function EditableTags({ credential }: { credential: Credential }) {
  const client = useQueryClient()
  const [typed, setTyped] = useState<readonly string[] | null>(null)
  const [seen, setSeen] = useState(credential.tags)
  const save = useMutation({
    mutationFn: (tags: string[]) =>
      api.credentials.update({ params: { id: credential.id }, body: patchOf({ tags: seen }, { tags }) }),
    onSuccess: (saved) => {
      showChanged(client, saved)
      setTyped(null)
    },
  })
  const editable = may(credential, endpoints.credentials.update)
  if (typed === null) {
    if (!editable) return <Tags tags={credential.tags} />
    return (
      <Group gap={4}>
        {credential.tags.length === 0 ? (
          <Text size="sm" c="dimmed">
            No tags
          </Text>
        ) : (
          <Tags tags={credential.tags} />
        )}
        <ActionIcon
          size={28}
          aria-label="Edit the tags"
          onClick={() => {
            setSeen(credential.tags)
            setTyped(credential.tags)
          }}
        >
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      </Group>
    )
  }
  return (
    <Stack gap="sm" my={4}>
      <TagsField value={typed} autoFocus onChange={setTyped} />
      {save.error !== null && <ProblemAlert error={save.error} />}
      <Group gap="sm">
        <BusyButton size="xs" busy={save.isPending} onClick={() => save.mutate([...typed])}>
          Save the tags
        </BusyButton>
        <Button size="xs" variant="subtle" color="gray" onClick={() => setTyped(null)}>
          Cancel
        </Button>
      </Group>
    </Stack>
  )
}
