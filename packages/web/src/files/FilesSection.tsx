import type { StoredFile } from '@latchwork/contract'
import { Alert, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useMe } from '../api/session-query.ts'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { Section } from '../ui/Section.tsx'
import { DeleteFile } from './DeleteFile.tsx'
import { FileRow } from './FileRow.tsx'
import { FileSharing } from './FileSharing.tsx'
import classes from './files.module.css'
import { filesQuery } from './queries.ts'
import { useUpload } from './useUpload.tsx'

/** The files that flows read and write: whose they are, how large, and with whom they are shared. */
export function FilesSection() {
  const me = useMe()
  const { data, error, refetch } = useQuery(filesQuery)
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
        {data === undefined && error === null && <ListSkeleton label="Loading the files" rows={2} />}
        {error !== null && (
          <ErrorState error={error} title="The files couldn't be loaded" onRetry={() => void refetch()} />
        )}
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
          <ul className={classes['files']} aria-label="Files">
            {data.map((file) => (
              <FileRow
                key={file.id}
                file={file}
                myId={me?.id}
                onShare={() => setSharing(file)}
                onDelete={() => setDeleting(file)}
              />
            ))}
          </ul>
        )}
      </Stack>
      <FileSharing file={sharing} onClose={() => setSharing(null)} />
      <DeleteFile file={deleting} onClose={() => setDeleting(null)} />
    </Section>
  )
}
