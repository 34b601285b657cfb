import type { Credential } from '@latchwork/contract'
import { Drawer, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { connectorsQuery } from '../app/catalogue-queries.ts'
import { ErrorState } from '../app/ErrorState.tsx'
import { ListSkeleton } from '../app/ListSkeleton.tsx'
import { CredentialActions } from './CredentialActions.tsx'
import { CredentialFacts } from './CredentialFacts.tsx'
import { CredentialTexts } from './CredentialTexts.tsx'
import { CredentialUsage } from './CredentialUsage.tsx'
import classes from './drawer.module.css'
import { PreviousSecret } from './PreviousSecret.tsx'
import { credentialQuery } from './queries.ts'

interface CredentialDrawerProps {
  /** Null: closed. */
  id: string | null
  /** How an authorization ended for which the person left this window. */
  returnedResult?: string | null
  onClose(): void
}

/** All about one credential, and what can be done with it. */
export function CredentialDrawer({ id, returnedResult = null, onClose }: CredentialDrawerProps) {
  return (
    <Drawer
      opened={id !== null}
      onClose={onClose}
      title="Credential"
      size={520}
      padding="lg"
      classNames={{ header: classes['header'] ?? '' }}
    >
      {id !== null && <Content key={id} id={id} returnedResult={returnedResult} onDeleted={onClose} />}
    </Drawer>
  )
}

interface ContentProps {
  id: string
  returnedResult: string | null
  onDeleted(): void
}

function Content({ id, returnedResult, onDeleted }: ContentProps) {
  const { data, error, refetch } = useQuery(credentialQuery(id))
  if (data !== undefined)
    return <Loaded credential={data} returnedResult={returnedResult} onDeleted={onDeleted} />
  if (error === null) return <ListSkeleton label="Loading the credential" rows={4} />
  return <ErrorState error={error} title="The credential couldn't be loaded" onRetry={() => void refetch()} />
}

interface LoadedProps {
  credential: Credential
  returnedResult: string | null
  onDeleted(): void
}

function Loaded({ credential, returnedResult, onDeleted }: LoadedProps) {
  const { data: connectors = [] } = useQuery(connectorsQuery)
  const connector = connectors.find(({ id }) => id === credential.connector)
  return (
    <Stack gap="lg">
      <CredentialTexts credential={credential} />
      <CredentialActions
        credential={credential}
        connector={connector}
        returnedResult={returnedResult}
        onDeleted={onDeleted}
      />
      <PreviousSecret credential={credential} />
      <CredentialFacts credential={credential} connector={connector} />
      <CredentialUsage credential={credential} />
      {credential.status !== 'draft' && <AccessPanel kind="credential" id={credential.id} />}
    </Stack>
  )
}
