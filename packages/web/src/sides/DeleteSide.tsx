import { endpoints } from '@latchwork/contract'
import { Button, Divider, Text } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { may } from '../access/role.ts'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { problemOf } from '../ui/ProblemAlert.tsx'
import { TextLink } from '../ui/TextLink.tsx'
import { type Side, type SideKind, useDeleteSide } from './queries.ts'
import { sideWords } from './words.ts'

interface DeleteSideProps {
  kind: SideKind
  side: Side
  onDeleted(): void
}

/** Deletes a source or destination that no flow uses; otherwise says which flows stand in the way. */
export function DeleteSide({ kind, side, onDeleted }: DeleteSideProps) {
  const [asking, setAsking] = useState(false)
  const remove = useDeleteSide(kind)
  const rule = kind === 'source' ? endpoints.sources.delete : endpoints.destinations.delete
  if (!may(side, rule)) return null
  const blockers = problemOf(remove.error)?.blockers ?? []
  return (
    <>
      <Divider my="lg" />
      <Button
        variant="default"
        leftSection={<IconTrash size={16} aria-hidden />}
        disabled={side.flowCount > 0}
        aria-describedby={`delete-${side.id}`}
        onClick={() => setAsking(true)}
      >
        Delete
      </Button>
      <Text id={`delete-${side.id}`} size="xs" c="dimmed" mt={4}>
        {side.flowCount > 0
          ? `Can't be deleted while ${side.flowCount === 1 ? 'a flow uses' : `${side.flowCount} flows use`} it.`
          : 'No flow uses it.'}
      </Text>
      <ConfirmDialog
        opened={asking}
        title={`Delete this ${sideWords[kind].one}?`}
        confirmLabel={`Delete ${sideWords[kind].one}`}
        danger
        work={remove}
        blockers={blockers.map((blocker) => (
          <Text key={blocker.id}>
            <TextLink to="/flows/$flowId" params={{ flowId: blocker.id }}>
              <bdi>{blocker.name}</bdi>
            </TextLink>
          </Text>
        ))}
        onCancel={() => setAsking(false)}
        onConfirm={() =>
          remove.mutate(side.id, {
            onSuccess: () => {
              setAsking(false)
              onDeleted()
            },
          })
        }
      >
        <strong dir="auto">{side.name}</strong> is deleted. Records that flows wrote stay, and its credential
        stays too.
      </ConfirmDialog>
    </>
  )
}
