import { Button, Group, Stack } from '@mantine/core'
import { IconPlus, IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { AddKeyDialog, RetireDialog, RotateDialog } from './KeyDialogs.tsx'
import { BackupSection, OriginSection } from './KeyGuidance.tsx'
import { KeyList } from './KeyList.tsx'
import { QuarantineList } from './QuarantineList.tsx'
import { isRotating, keysQuery } from './queries.ts'
import { RotationPanel } from './RotationPanel.tsx'
import { valuesOnOthers } from './words.ts'

type Open = { readonly dialog: 'add' | 'rotate' } | { readonly dialog: 'retire'; readonly id: string } | null

/** The master keys: how each stands, changing over to a new one, and what a restore would need. */
export function KeysPage() {
  const keys = useQuery(keysQuery)
  const { data } = keys
  const [open, setOpen] = useState<Open>(null)
  const close = () => setOpen(null)
  // Elsewhere than in a key file somebody puts the next key there; then there is something to encrypt again.
  const canRotate = data !== undefined && !isRotating(data) && (data.canAdd || valuesOnOthers(data) > 0)
  return (
    <>
      <PageHeader
        title="Master keys"
        description="Every stored secret is encrypted with the active one. Change it about once a year."
        actions={
          data !== undefined && (
            <Group gap="sm">
              {data.canAdd && (
                <Button
                  variant="default"
                  leftSection={<IconPlus size={16} aria-hidden />}
                  onClick={() => setOpen({ dialog: 'add' })}
                >
                  Add key
                </Button>
              )}
              <Button
                leftSection={<IconRefresh size={16} aria-hidden />}
                disabled={!canRotate}
                onClick={() => setOpen({ dialog: 'rotate' })}
              >
                Rotate
              </Button>
            </Group>
          )
        }
      />
      <Pending query={keys} what="the master keys" rows={2} rowHeight={120} />
      {data !== undefined && (
        <Stack gap="lg">
          <RotationPanel keys={data} />
          <QuarantineList items={data.quarantined} />
          <KeyList keys={data} onRetire={(id) => setOpen({ dialog: 'retire', id })} />
          <OriginSection origin={data.origin} />
          <BackupSection keys={data} />
          <AddKeyDialog opened={open?.dialog === 'add'} onClose={close} />
          <RotateDialog opened={open?.dialog === 'rotate'} keys={data} onClose={close} />
          <RetireDialog id={open?.dialog === 'retire' ? open.id : null} keys={data} onClose={close} />
        </Stack>
      )}
    </>
  )
}
