import type { StoredFile } from '@latchwork/contract'
import { Drawer, Stack, Title } from '@mantine/core'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { RoleNote } from '../access/RoleNote.tsx'

/** Who may use one file, and whose it is. */
export function FileSharing({ file, onClose }: { file: StoredFile | null; onClose(): void }) {
  return (
    <Drawer opened={file !== null} onClose={onClose} title="File" size={560}>
      {file !== null && (
        <Stack gap="md">
          <Title order={2} dir="auto" style={{ overflowWrap: 'anywhere' }}>
            {file.name}
          </Title>
          <RoleNote kind="file" held={file} />
          <AccessPanel kind="file" id={file.id} />
        </Stack>
      )}
    </Drawer>
  )
}
