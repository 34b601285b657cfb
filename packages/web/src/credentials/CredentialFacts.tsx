import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { CopyButton } from '../ui/CopyButton.tsx'
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
      <dl className={classes['facts']}>
        <Fact name="Connector">{connector?.label ?? credential.connector}</Fact>
        <Fact name="Method">{method?.label ?? credential.method}</Fact>
        {identity !== null && (
          <>
            <Fact name={capitalized(connector?.accountWord ?? 'account')}>
              <bdi>{identity.organizationName}</bdi>
            </Fact>
            <Fact name="Acts as">
              <bdi>{identity.userName}</bdi>
              {identity.userEmail !== '' && identity.userEmail !== identity.userName && (
                <span className={classes['second']}>{identity.userEmail}</span>
              )}
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
            Kept encrypted
          </Fact>
        ))}
        {credential.grantedScope !== null && (
          <Fact name="Granted scope">
            <code>{credential.grantedScope === '' ? 'The app’s default' : credential.grantedScope}</code>
          </Fact>
        )}
        {credential.accessTokenExpiresAt !== null && (
          <Fact name="Access token">
            {Date.parse(credential.accessTokenExpiresAt) < Date.now() ? 'Ended ' : 'Ends '}
            <TimeAgo at={credential.accessTokenExpiresAt} />
            <span className={classes['second']}>Refreshed by itself</span>
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
      </dl>
    </section>
  )
}

/** A name and what stands beside it. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
