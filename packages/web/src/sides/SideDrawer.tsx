import { Drawer, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { RoleNote } from '../access/RoleNote.tsx'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { ErrorState } from '../ui/ErrorState.tsx'
import { ListSkeleton } from '../ui/ListSkeleton.tsx'
import { DeleteEnd } from './DeleteSide.tsx'
import { type EndKind, endQuery } from './queries.ts'
import { EndFacts } from './SideFacts.tsx'
import { EndForm } from './SideForm.tsx'
import { endWords } from './words.ts'

interface EndDrawerProps {
  kind: EndKind
  /** Null: closed. */
  id: string | null
  onClose(): void
}

/** One source or destination: what it is, what uses it, and its fields to change. */
export function EndDrawer({ kind, id, onClose }: EndDrawerProps) {
  return (
    <Drawer opened={id !== null} onClose={onClose} title={endWords[kind].capital} size={640}>
      {id !== null && <Content key={id} kind={kind} id={id} onClose={onClose} />}
    </Drawer>
  )
}

function Content({ kind, id, onClose }: EndDrawerProps & { id: string }) {
  const { data: end, error, refetch } = useQuery(endQuery(kind, id))
  const { data: connectors } = useQuery(connectorsQuery)
  if (error !== null) {
    return (
      <ErrorState
        error={error}
        title={`The ${endWords[kind].one} couldn't be loaded`}
        onRetry={() => void refetch()}
      />
    )
  }
  if (end === undefined || connectors === undefined) {
    return <ListSkeleton label={`Loading the ${endWords[kind].one}`} rows={4} rowHeight={72} />
  }
  const connector = connectors.find((candidate) => candidate.id === end.connector)
  return (
    <>
      <Title order={2} dir="auto" mb="md" style={{ overflowWrap: 'anywhere' }}>
        {end.name}
      </Title>
      <Stack gap="md">
        <EndFacts kind={kind} end={end} connector={connector} />
        <RoleNote kind={kind} held={end} />
      </Stack>
      {connector !== undefined && <EndForm key={end.updatedAt} kind={kind} end={end} connector={connector} />}
      <AccessPanel kind={kind} id={end.id} />
      <DeleteEnd kind={kind} end={end} onDeleted={onClose} />
    </>
  )
}
