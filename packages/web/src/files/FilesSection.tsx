import { endpoints, type StoredFile } from '@latchwork/contract'
import { Alert, Button, Group, Stack, Text, Title } from '@mantine/core'
import { IconDownload, IconTrash, IconUsers } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { useMe } from '../api/session-query.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { SidePanel } from '../ui/dialogs.tsx'
import { Row, RowButton, Rows } from '../ui/lists.tsx'
import { formatBytes } from '../ui/number-words.ts'
import { Pending } from '../ui/Pending.tsx'
import { Section } from '../ui/Section.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import { fileAddress, filesQuery, ownerWords } from './queries.ts'
import { useUpload } from './useUpload.tsx'

/** The files that flows read and write: whose they are, how large, and with whom they are shared. */
export function FilesSection() {
  const me = useMe()
  const files = useQuery(filesQuery)
  const { data } = files
  const { button, progress, fault } = useUpload(data ?? [], () => undefined)
  const [sharing, setSharing] = useState<StoredFile | null>(null)
  const [deleting, setDeleting] = useState<StoredFile | null>(null)
  const unowned = data?.some(({ owner }) => owner === null) === true
  return (
    <Section
      title="Files"
      description="What your flows read and write. A file is yours alone until you share it."
      actions={button}
    >
      <Stack gap="sm">
        {progress}
        {fault !== null && (
          <Text c="var(--mantine-color-error)" role="alert">
            {fault}
          </Text>
        )}
        <Pending query={files} what="the files" rows={2} />
        {data?.length === 0 && (
          <Text c="dimmed">There are none yet. Upload one, or let a flow write one.</Text>
        )}
        {unowned && me?.role === 'admin' && (
          <Alert color="gray" variant="light" title="Some files belong to the administrators">
            They were there before files had owners, or were put into the folder on the server. Share them, or
            hand them over to whoever needs them.
          </Alert>
        )}
        {data !== undefined && data.length > 0 && (
          <Rows label="Files">
            {data.map((file) => (
              <FileRow
                key={file.id}
                file={file}
                myId={me?.id}
                onShare={() => setSharing(file)}
                onDelete={() => setDeleting(file)}
              />
            ))}
          </Rows>
        )}
      </Stack>
      <FileSharing file={sharing} onClose={() => setSharing(null)} />
      <DeleteFile file={deleting} onClose={() => setDeleting(null)} />
    </Section>
  )
}

interface FileRowProps {
  file: StoredFile
  myId: string | undefined
  onShare(): void
  onDelete(): void
}

/** One file: what it is, whose, and what one may do with it. */
function FileRow({ file, myId, onShare, onDelete }: FileRowProps) {
  return (
    <Row
      name={
        <Text fw={500} component="span">
          <bdi>{file.name}</bdi>
        </Text>
      }
      detail={
        <>
          {formatBytes(file.bytes)}, <bdi>{ownerWords(file, myId) ?? 'yours'}</bdi>, changed{' '}
          <TimeAgo at={file.modifiedAt} />
        </>
      }
    >
      <Group gap="xs">
        <Button
          component="a"
          href={fileAddress(file.id)}
          download={file.name}
          variant="default"
          size="xs"
          leftSection={<IconDownload size={14} aria-hidden />}
          aria-label={`Download ${file.name}`}
        >
          Download
        </Button>
        <RowButton
          icon={<IconUsers size={14} aria-hidden />}
          label={`Sharing of ${file.name}`}
          onClick={onShare}
        >
          Sharing
        </RowButton>
        {may(file, endpoints.files.delete) && (
          <RowButton
            icon={<IconTrash size={14} aria-hidden />}
            label={`Delete ${file.name}`}
            onClick={onDelete}
          >
            Delete
          </RowButton>
        )}
      </Group>
    </Row>
  )
}

interface OfFileProps {
  /** Null: closed. */
  file: StoredFile | null
  onClose(): void
}

/** Who may use one file, and whose it is. */
function FileSharing({ file, onClose }: OfFileProps) {
  return (
    <SidePanel opened={file !== null} onClose={onClose} title="File" size={560}>
      {file !== null && (
        <Stack gap="md">
          <Title order={2} dir="auto" style={{ overflowWrap: 'anywhere' }}>
            {file.name}
          </Title>
          <RoleNote kind="file" held={file} />
          <AccessPanel kind="file" id={file.id} />
        </Stack>
      )}
    </SidePanel>
  )
}

/** Asks before a file is deleted, and deletes it. */
function DeleteFile({ file, onClose }: OfFileProps) {
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
      work={remove}
      onCancel={onClose}
      onConfirm={() => file !== null && remove.mutate(file.id)}
    >
      <bdi>{file?.name}</bdi> is gone for everybody it is shared with. Flows that read it fail until you
      upload it again. This can’t be undone.
    </ConfirmDialog>
  )
}
