import { type ConnectorDefinition, type Credential, endpoints } from '@latchwork/contract'
import { Button, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { AccessPanel } from '../access/AccessPanel.tsx'
import { may } from '../access/role.ts'
import { connectorsQuery } from '../api/catalogue-queries.ts'
import { SidePanel } from '../ui/dialogs.tsx'
import { Pending } from '../ui/Pending.tsx'
import { ProblemAlert } from '../ui/ProblemAlert.tsx'
import { SignInAgain } from './AuthorizePart.tsx'
import { BudgetPart } from './BudgetPart.tsx'
import { CredentialActions } from './CredentialActions.tsx'
import { CredentialChanges } from './CredentialChanges.tsx'
import { CredentialDetails } from './CredentialDetails.tsx'
import { CredentialTexts } from './CredentialTexts.tsx'
import { CredentialUsage } from './CredentialUsage.tsx'
import classes from './drawer.module.css'
import { PreviousSecret } from './PreviousSecret.tsx'
import { credentialQuery } from './queries.ts'
import { SwitchMethodOverlay } from './SwitchMethod.tsx'
import { type Returned, useSignInAgain } from './useAuthorization.ts'

interface CredentialDrawerProps {
  /** Null: closed. */
  id: string | null
  /** How an authorization ended for which the person left this window. */
  returnedResult?: string | null
  /** The draft of a switch of the method that the page found in its address. */
  returnedSwitch?: Returned | null
  /** Forgets what was brought back. */
  onSwitched?(): void
  onClose(): void
}

/** All about one credential, and what can be done with it. */
export function CredentialDrawer(props: CredentialDrawerProps) {
  const { id, onClose } = props
  return (
    <SidePanel
      opened={id !== null}
      onClose={onClose}
      title="Credential"
      size={560}
      padding="lg"
      classNames={{ header: classes['header'] ?? '' }}
    >
      {id !== null && <Content key={id} {...props} id={id} />}
    </SidePanel>
  )
}

function Content(props: CredentialDrawerProps & { id: string }) {
  const credential = useQuery(credentialQuery(props.id))
  const connectors = useQuery(connectorsQuery)
  if (credential.data === undefined || connectors.data === undefined) {
    return (
      <Pending
        query={credential.data === undefined ? credential : connectors}
        what="the credential"
        rows={4}
      />
    )
  }
  const connector = connectors.data.find(({ id }) => id === credential.data.connector)
  return <Loaded {...props} credential={credential.data} connector={connector} />
}

interface LoadedProps extends CredentialDrawerProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
}

function Loaded({ credential, connector, ...props }: LoadedProps) {
  const isSaved = credential.status !== 'draft'
  return (
    <Stack gap="lg">
      <CredentialTexts credential={credential} />
      <CredentialActions credential={credential} onDeleted={props.onClose} />
      <PreviousSecret credential={credential} connector={connector} />
      {isSaved && connector !== undefined && may(credential, endpoints.credentials.secrets) && (
        <Changes {...props} credential={credential} connector={connector} />
      )}
      <CredentialDetails credential={credential} connector={connector} />
      <CredentialUsage credential={credential} />
      {isSaved && credential.connector === 'close' && <BudgetPart credential={credential} />}
      {isSaved && <AccessPanel kind="credential" id={credential.id} />}
    </Stack>
  )
}

function Changes(props: LoadedProps & { connector: ConnectorDefinition }) {
  const { credential, connector, returnedResult = null, returnedSwitch = null, onSwitched } = props
  const [switching, { open, close }] = useDisclosure(false)
  const { authorization, refusal, begin } = useSignInAgain(credential, returnedResult)
  const method = connector.methods.find(({ id }) => id === credential.method)
  if (method === undefined) return null
  return (
    <>
      <CredentialChanges
        {...{ credential, connector, method }}
        signIn={{
          isBusy: authorization.state.phase !== 'idle',
          begin: () => begin(false),
          below: (
            <>
              {refusal !== null && (
                <ProblemAlert error={refusal}>
                  {refusal.code === 'authorization_for_another' && (
                    <Button variant="default" size="xs" mt="sm" onClick={() => begin(false, true)}>
                      Sign in for {credential.owner.name}
                    </Button>
                  )}
                </ProblemAlert>
              )}
              <SignInAgain
                connectorLabel={connector.label}
                authorization={authorization}
                onConfirm={() => begin(true)}
              />
            </>
          ),
        }}
        onSwitch={open}
      />
      <SwitchMethodOverlay
        {...{ credential, connector }}
        key={returnedSwitch?.credential.id ?? 'new'}
        opened={switching || returnedSwitch !== null}
        returned={returnedSwitch}
        onClose={() => {
          close()
          onSwitched?.()
        }}
      />
    </>
  )
}
