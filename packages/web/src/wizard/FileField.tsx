import { type FieldDefinition, fileNameSchema } from '@latchwork/contract'
import { Button, FileButton, Group, Progress, Select, Stack, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { api } from '../app/api.ts'
import { ConfirmDialog } from '../app/ConfirmDialog.tsx'
import { formatBytes } from '../runs/measures.ts'
import { UploadError, uploadFile } from './upload.ts'

const filesQuery = queryOptions({ queryKey: ['files'], queryFn: () => api.files.list() })

interface FileFieldProps {
  field: FieldDefinition
  value: string
  error: string | undefined
  onChange(value: string): void
}

/** A file of the server's data folder: chosen from what is there, or uploaded. */
export function FileField({ field, value, error, onChange }: FileFieldProps) {
  const client = useQueryClient()
  const { data } = useQuery(filesQuery)
  const [upload, setUpload] = useState<{ name: string; share: number } | null>(null)
  const [replacing, setReplacing] = useState<{ name: string; file: File } | null>(null)
  const resetInput = useRef<() => void>(null)
  const [fault, setFault] = useState<string | null>(null)
  const files = data?.items ?? []
  const names = files.map((file) => file.name)
  // A file that is chosen but gone is still shown: the person must see what the source reads.
  const missing = value !== '' && data !== undefined && !names.includes(value)

  const send = async (name: string, file: File) => {
    setReplacing(null)
    setFault(null)
    setUpload({ name, share: 0 })
    try {
      await uploadFile(name, file, (share) => setUpload({ name, share }))
      await client.invalidateQueries({ queryKey: filesQuery.queryKey })
      onChange(name)
    } catch (thrown) {
      setFault(thrown instanceof UploadError ? thrown.message : "The file couldn't be uploaded. Try again.")
    } finally {
      setUpload(null)
    }
  }
  const start = (file: File | null) => {
    // Otherwise the same file couldn't be chosen a second time.
    resetInput.current?.()
    if (file === null) return
    const name = fileNameSchema.safeParse(file.name)
    if (!name.success) {
      setFault(
        `The file's name ${name.error.issues[0]?.message ?? "can't be used"}. Rename it and try again.`,
      )
    } else if (names.includes(name.data)) {
      setReplacing({ name: name.data, file })
    } else {
      void send(name.data, file)
    }
  }

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
          data={missing ? [value, ...names] : names}
          value={value === '' ? null : value}
          renderOption={({ option }) => {
            const file = files.find((candidate) => candidate.name === option.value)
            return (
              <Group justify="space-between" wrap="nowrap" w="100%" gap="md">
                <Text truncate dir="auto">
                  {option.label}
                </Text>
                <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                  {file === undefined ? 'not there any more' : formatBytes(file.bytes)}
                </Text>
              </Group>
            )
          }}
          error={fault ?? error ?? (missing ? 'This file is not in the data folder any more.' : undefined)}
          onChange={(chosen) => {
            setFault(null)
            onChange(chosen ?? '')
          }}
        />
        <FileButton accept=".jsonl,.ndjson,.csv,.tsv,.txt" resetRef={resetInput} onChange={start}>
          {(button) => (
            <Button
              {...button}
              mt={24}
              variant="default"
              leftSection={<IconUpload size={16} aria-hidden />}
              loading={upload !== null}
            >
              Upload a file
            </Button>
          )}
        </FileButton>
      </Group>
      {upload !== null && (
        <div>
          <Text size="xs" c="dimmed" mb={4}>
            Uploading {upload.name}: {Math.round(upload.share * 100)} %
          </Text>
          <Progress value={upload.share * 100} aria-label={`Uploading ${upload.name}`} />
        </div>
      )}
      <ConfirmDialog
        opened={replacing !== null}
        title="Replace the file?"
        confirmLabel="Replace"
        danger
        onCancel={() => setReplacing(null)}
        onConfirm={() => {
          if (replacing !== null) void send(replacing.name, replacing.file)
        }}
      >
        The data folder has a file <bdi>{replacing?.name}</bdi> already. Every source that reads it will read
        the new one.
      </ConfirmDialog>
    </Stack>
  )
}
