import type { FieldDefinition, StoredFile } from '@latchwork/contract'
import { Group, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMe } from '../api/session-query.ts'
import { filesQuery, ownerWords } from '../files/queries.ts'
import { useUpload } from '../files/useUpload.tsx'
import { formatBytes } from '../ui/number-words.ts'

interface FileFieldProps {
  field: FieldDefinition
  value: string
  error: string | undefined
  onChange(value: string): void
}

/** A file that the person may use: chosen from the list, or uploaded. */
export function FileField({ field, value, error, onChange }: FileFieldProps) {
  const me = useMe()
  const { data } = useQuery(filesQuery)
  const files = data ?? []
  const { button, progress, fault, forget } = useUpload(files, onChange, { mt: 24 })
  // The person's own file by its name; another member's by its id, since a name means the person's own.
  const choiceOf = (file: StoredFile) => (file.owner?.id === me?.id ? file.name : file.id)
  const chosen =
    files.find((file) => file.id === value) ??
    files.find((file) => file.name === value && file.owner?.id === me?.id) ??
    files.find((file) => file.name === value && file.owner === null)
  // A file that is chosen but gone is still shown: the person must see what the source reads.
  const missing = value !== '' && data !== undefined && chosen === undefined
  const options = files.map((file) => ({ value: choiceOf(file), label: file.name }))

  return (
    <Stack gap={8} maw={640}>
      <Group gap="sm" align="flex-start" wrap="wrap">
        <Select
          flex="1 1 240px"
          label={field.label}
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          description={field.help}
          required={field.required}
          placeholder={files.length === 0 ? 'No files yet: upload one' : 'Choose a file'}
          searchable
          nothingFoundMessage="No file of this name"
          data={missing ? [{ value, label: value }, ...options] : options}
          value={value === '' ? null : chosen === undefined ? value : choiceOf(chosen)}
          renderOption={({ option }) => {
            const file = files.find((candidate) => choiceOf(candidate) === option.value)
            const owner = file === undefined ? null : ownerWords(file, me?.id)
            return (
              <Group justify="space-between" wrap="nowrap" w="100%" gap="md">
                <Text truncate dir="auto">
                  {option.label}
                </Text>
                <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {file === undefined ? 'not there any more' : formatBytes(file.bytes)}
                  {owner !== null && (
                    <>
                      {' · '}
                      <bdi>{owner}</bdi>
                    </>
                  )}
                </Text>
              </Group>
            )
          }}
          error={
            fault ??
            error ??
            (missing ? 'This file is not there any more, or it isn’t shared with you.' : undefined)
          }
          onChange={(next) => {
            forget()
            onChange(next ?? '')
          }}
        />
        {button}
      </Group>
      {progress}
    </Stack>
  )
}
