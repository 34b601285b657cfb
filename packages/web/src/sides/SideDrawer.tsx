import { Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { RoleNote } from '../access/RoleNote.tsx'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { SidePanel } from '../ui/dialogs.tsx'
import { Pending } from '../ui/Pending.tsx'
import { Abilities } from './Abilities.tsx'
import { DeleteSide } from './DeleteSide.tsx'
import { type SideKind, sideQuery } from './queries.ts'
import { SideDetails } from './SideDetails.tsx'
import { SideForm } from './SideForm.tsx'
import { sideWords } from './words.ts'

interface SideDrawerProps {
  kind: SideKind
  /** Null: closed. */
  id: string | null
  onClose(): void
}

/** One source or destination: what it is, what uses it, and its fields to change. */
export function SideDrawer({ kind, id, onClose }: SideDrawerProps) {
  return (
    <SidePanel opened={id !== null} onClose={onClose} title={sideWords[kind].capital} size={640}>
      {id !== null && <Content key={id} kind={kind} id={id} onClose={onClose} />}
    </SidePanel>
  )
}

function Content({ kind, id, onClose }: SideDrawerProps & { id: string }) {
  const query = useQuery(sideQuery(kind, id))
  const side = query.data
  const connectors = useQuery(connectorsQuery)
  if (query.error !== null || side === undefined || connectors.data === undefined) {
    const missing = side === undefined || query.error !== null ? query : connectors
    return <Pending query={missing} what={`the ${sideWords[kind].one}`} rows={4} rowHeight={72} />
  }
  const connector = connectors.data.find((candidate) => candidate.id === side.connector)
  return (
    <>
      <Title order={2} dir="auto" mb="md" style={{ overflowWrap: 'anywhere' }}>
        {side.name}
      </Title>
      <Stack gap="md">
        <SideDetails kind={kind} side={side} connector={connector} />
        <RoleNote kind={kind} held={side} />
        {kind === 'destination' && connector?.destination != null && (
          <section aria-labelledby="abilities-of-side">
            <Title id="abilities-of-side" order={3} mb={8}>
              What it does with records
            </Title>
            <Abilities abilities={connector.destination.abilities} />
          </section>
        )}
      </Stack>
      {connector !== undefined && <SideForm kind={kind} side={side} connector={connector} />}
      <AccessPanel kind={kind} id={side.id} />
      <DeleteSide kind={kind} side={side} onDeleted={onClose} />
    </>
  )
}
