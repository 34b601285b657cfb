import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Title } from '@mantine/core'
import { CopyButton } from '../ui/CopyButton.tsx'
import { Fact, Facts } from '../ui/Facts.tsx'
import { TimeAgo } from '../ui/TimeAgo.tsx'
import classes from './drawer.module.css'

interface CredentialFactsProps {
  credential: Credential
  connector: ConnectorDefinition | undefined
}

/** Whom the credential acts for, what it may do, until when, and where it comes from. */
export function CredentialFacts({ credential, connector }: CredentialFactsProps) {
  const { identity } = credential
  const method = connector?.methods.find(({ id }) => id === credential.method)
  const values = (method?.fields ?? []).filter(({ name }) => (credential.values[name] ?? '') !== '')
  const secrets = (method?.fields ?? []).filter(({ name }) => credential.secretsSet.includes(name))
  return (
    <section>
      <Title order={4} mb="sm">
        Details
      </Title>
      <Facts compact>
        <Fact name="Connector">{connector?.label ?? credential.connector}</Fact>
        <Fact name="Method">{method?.label ?? credential.method}</Fact>
        {identity !== null && (
          <>
            <Fact name={capitalized(connector?.accountWord ?? 'account')}>
              <bdi>{identity.organizationName}</bdi>
            </Fact>
            <Fact
              name="Acts as"
              second={
                identity.userEmail !== '' && identity.userEmail !== identity.userName
                  ? identity.userEmail
                  : undefined
              }
            >
              <bdi>{identity.userName}</bdi>
            </Fact>
          </>
        )}
        {values.map((field) => (
          <Fact key={field.name} name={field.label}>
            <bdi>
              {field.options?.find(({ value }) => value === credential.values[field.name])?.label ??
                credential.values[field.name]}
            </bdi>
          </Fact>
        ))}
        {secrets.map((field) => (
          <Fact key={field.name} name={field.label}>
            Stored encrypted
          </Fact>
        ))}
        {credential.grantedScope !== null && (
          <Fact name="Granted scope">
            <code>{credential.grantedScope === '' ? 'The app’s default' : credential.grantedScope}</code>
          </Fact>
        )}
        {credential.accessTokenExpiresAt !== null && (
          <Fact name="Access token" second="Refreshed by itself">
            {Date.parse(credential.accessTokenExpiresAt) < Date.now() ? 'Ended ' : 'Ends '}
            <TimeAgo at={credential.accessTokenExpiresAt} />
          </Fact>
        )}
        <Fact name="Owner">
          <bdi>{credential.owner.name}</bdi>
        </Fact>
        <Fact name="Last used">
          {credential.lastUsedAt === null ? 'Not yet' : <TimeAgo at={credential.lastUsedAt} />}
        </Fact>
        <Fact name="Created">
          <TimeAgo at={credential.createdAt} />
        </Fact>
        <Fact name="Id">
          <span className={classes['id']}>
            <code>{credential.id}</code>
            <CopyButton value={credential.id} what="the id" />
          </span>
        </Fact>
      </Facts>
    </section>
  )
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
