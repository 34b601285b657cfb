import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Title } from '@mantine/core'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Detail, Details } from '../ui/Details.tsx'
import { TimeAgo, TimeUntil } from '../ui/TimeAgo.tsx'
import classes from './drawer.module.css'

interface CredentialDetailsProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
}

/** Whom the credential acts for, what it may do, until when, and where it comes from. */
export function CredentialDetails({ credential, connector }: CredentialDetailsProps) {
  const { identity } = credential
  const method = connector?.methods.find(({ id }) => id === credential.method)
  const values = (method?.fields ?? []).filter(({ name }) => (credential.values[name] ?? '') !== '')
  const secrets = (method?.fields ?? []).filter(({ name }) => credential.secretsSet.includes(name))
  return (
    <section>
      <Title order={4} mb="sm">
        Details
      </Title>
      <Details compact>
        <Detail name="Connector">{connector?.label ?? credential.connector}</Detail>
        <Detail name="Method">{method?.label ?? credential.method}</Detail>
        {identity !== null && (
          <>
            <Detail name={capitalized(connector?.accountWord ?? 'account')}>
              <bdi>{identity.organizationName}</bdi>
            </Detail>
            <Detail
              name="Acts as"
              second={
                identity.userEmail !== '' && identity.userEmail !== identity.userName
                  ? identity.userEmail
                  : undefined
              }
            >
              <bdi>{identity.userName}</bdi>
            </Detail>
          </>
        )}
        {values.map((field) => (
          <Detail key={field.name} name={field.label}>
            <bdi>
              {field.options?.find(({ value }) => value === credential.values[field.name])?.label ??
                credential.values[field.name]}
            </bdi>
          </Detail>
        ))}
        {secrets.map((field) => (
          <Detail key={field.name} name={field.label}>
            Stored encrypted
          </Detail>
        ))}
        {credential.grantedScope !== null && (
          <Detail name="Granted scope">
            <code>{credential.grantedScope === '' ? 'The app’s default' : credential.grantedScope}</code>
          </Detail>
        )}
        {credential.accessTokenExpiresAt !== null && (
          <Detail name="Access token" second="Refreshed by itself">
            {Date.parse(credential.accessTokenExpiresAt) < Date.now() ? 'Ended ' : 'Ends '}
            <TimeUntil at={credential.accessTokenExpiresAt} />
          </Detail>
        )}
        <Detail name="Owner">
          <bdi>{credential.owner.name}</bdi>
        </Detail>
        <Detail name="Last used">
          {credential.lastUsedAt === null ? 'Not yet' : <TimeAgo at={credential.lastUsedAt} />}
        </Detail>
        <Detail name="Created">
          <TimeAgo at={credential.createdAt} />
        </Detail>
        <Detail name="Id">
          <span className={classes['id']}>
            <code>{credential.id}</code>
            <CopyButton value={credential.id} what="the id" />
          </span>
        </Detail>
      </Details>
    </section>
  )
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
