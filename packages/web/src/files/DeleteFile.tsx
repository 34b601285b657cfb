import type { StoredFile } from '@latchwork/contract'
import { Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { filesQuery } from './queries.ts'

/** Asks before a file is deleted, and deletes it. */
export function DeleteFile({ file, onClose }: { file: StoredFile | null; onClose(): void }) {
  const client = useQueryClient()
  const remove = useMutation({
    mutationFn: (id: string) => api.files.delete({ params: { id } }),
    onSuccess: () => {
      onClose()
      void client.invalidateQueries({ queryKey: filesQuery.queryKey })
    },
  })
  return (
    <ConfirmDialog
      opened={file !== null}
      title="Delete this file?"
      confirmLabel="Delete"
      cancelLabel="Keep it"
      danger
      busy={remove.isPending}
      onCancel={() => {
        onClose()
        remove.reset()
      }}
      onConfirm={() => file !== null && remove.mutate(file.id)}
    >
      <Text>
        <bdi>{file?.name}</bdi> is gone for everybody it is shared with. Flows that read it end with an error
        until there is another. This can’t be undone.
      </Text>
      {remove.isError && <ProblemAlert error={remove.error} />}
    </ConfirmDialog>
  )
}
