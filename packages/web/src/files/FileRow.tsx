import { endpoints, type StoredFile } from '@latchwork/contract'
import { Button, Group, Text } from '@mantine/core'
import { IconDownload, IconTrash, IconUsers } from '@tabler/icons-react'
import { may } from '../access/role.ts'
import { formatBytes } from '../ui/number-words.ts'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './files.module.css'
import { fileAddress, ownerWords } from './queries.ts'

interface FileRowProps {
  file: StoredFile
  myId: string | undefined
  onShare(): void
  onDelete(): void
}

/** One file: what it is, whose, and what one may do with it. */
export function FileRow({ file, myId, onShare, onDelete }: FileRowProps) {
  return (
    <li>
      <div className={classes['what'] ?? ''}>
        <Text fw={500} component="span">
          <bdi>{file.name}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {formatBytes(file.bytes)}, <bdi>{ownerWords(file, myId) ?? 'yours'}</bdi>, changed{' '}
          <TimeAgo at={file.modifiedAt} />
        </Text>
      </div>
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
        <Button
          variant="default"
          size="xs"
          leftSection={<IconUsers size={14} aria-hidden />}
          aria-label={`Sharing of ${file.name}`}
          onClick={onShare}
        >
          Sharing
        </Button>
        {may(file, endpoints.files.delete) && (
          <Button
            variant="default"
            size="xs"
            leftSection={<IconTrash size={14} aria-hidden />}
            aria-label={`Delete ${file.name}`}
            onClick={onDelete}
          >
            Delete
          </Button>
        )}
      </Group>
    </li>
  )
}
