import { fileNameSchema, type StoredFile } from '@latchwork/contract'
import { FileButton, Progress, Text } from '@mantine/core'
import { IconUpload } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useRef, useState } from 'react'
import { useMe } from '../api/session-query.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { filesQuery } from './queries.ts'
import { UploadError, uploadFile } from './upload.ts'

interface Upload {
  /** Chooses a file and sends it. */
  readonly button: ReactNode
  /** The progress, and the question whether to replace an existing file. */
  readonly progress: ReactNode
  /** Why the last one failed. */
  readonly fault: string | null
  forget(): void
}

/** Uploads of one's own files, to a file of the same name only after a question. */
export function useUpload(
  files: readonly StoredFile[],
  onUploaded: (name: string) => void,
  buttonProps: { readonly mt?: number } = {},
): Upload {
  const client = useQueryClient()
  const me = useMe()
  const [upload, setUpload] = useState<{ name: string; share: number } | null>(null)
  const [replacing, setReplacing] = useState<{ name: string; file: File } | null>(null)
  const [fault, setFault] = useState<string | null>(null)
  const resetInput = useRef<() => void>(null)

  const send = async (name: string, file: File) => {
    setReplacing(null)
    setFault(null)
    setUpload({ name, share: 0 })
    try {
      await uploadFile(name, file, (share) => setUpload({ name, share }))
      await client.invalidateQueries({ queryKey: filesQuery.queryKey })
      onUploaded(name)
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
    } else if (files.some((other) => other.name === name.data && other.owner?.id === me?.id)) {
      setReplacing({ name: name.data, file })
    } else {
      void send(name.data, file)
    }
  }
  const button = (
    <FileButton accept=".jsonl,.ndjson,.csv,.tsv,.txt" resetRef={resetInput} onChange={start}>
      {(props) => (
        <BusyButton
          {...props}
          {...buttonProps}
          variant="default"
          leftSection={<IconUpload size={16} aria-hidden />}
          busy={upload !== null}
        >
          Upload a file
        </BusyButton>
      )}
    </FileButton>
  )
  const progress = (
    <>
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
        You have a file <bdi>{replacing?.name}</bdi> already. Every source that reads it will read the new
        one.
      </ConfirmDialog>
    </>
  )
  return { button, progress, fault, forget: () => setFault(null) }
}
