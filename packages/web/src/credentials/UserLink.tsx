import { Anchor, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'

interface UserLinkProps {
  /** `flow`, `source` or `destination`; anything else is named without a link. */
  kind: string
  id: string
  name: string
}

/** The way to what uses a credential. */
export function UserLink({ kind, id, name }: UserLinkProps) {
  const text = (
    <>
      <Text span c="dimmed" inherit tt="capitalize">
        {kind}
      </Text>{' '}
      <bdi>{name}</bdi>
    </>
  )
  switch (kind) {
    case 'flow':
      return (
        <Anchor renderRoot={(props) => <Link to="/flows/$flowId" params={{ flowId: id }} {...props} />}>
          {text}
        </Anchor>
      )
    case 'source':
      return <Anchor renderRoot={(props) => <Link to="/sources" search={{ id }} {...props} />}>{text}</Anchor>
    case 'destination':
      return (
        <Anchor renderRoot={(props) => <Link to="/destinations" search={{ id }} {...props} />}>{text}</Anchor>
      )
    default:
      return <span>{text}</span>
  }
}
