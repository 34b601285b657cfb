import type { AuditEntry, AuditState } from '@latchwork/contract'
import { Anchor, Stack, Table, Text, Title } from '@mantine/core'
import { Detail, Details } from '../ui/Details.tsx'
import { SidePanel } from '../ui/dialogs.tsx'
import classes from './audit.module.css'
import { sentenceOf, whoOf } from './sentence.ts'

const agentWords = {
  browser: 'a browser',
  command_line: 'a command line',
  program: 'a program',
  none: 'an unknown program',
}

interface AuditDrawerProps {
  /** Null: closed. */
  entry: AuditEntry | null
  /** Asks for all that happened to the thing of this id. */
  onNarrow(id: string): void
  onClose(): void
}

/** One entry of the log, with all its details. */
export function AuditDrawer({ entry, onNarrow, onClose }: AuditDrawerProps) {
  return (
    <SidePanel
      opened={entry !== null}
      onClose={onClose}
      title="Entry of the audit log"
      size={640}
      padding="lg"
    >
      {entry !== null && <Content entry={entry} onNarrow={onNarrow} />}
    </SidePanel>
  )
}

function Content({ entry, onNarrow }: { entry: AuditEntry; onNarrow(id: string): void }) {
  const { actor, before, after, object } = entry
  return (
    <Stack gap="lg">
      <Title order={2} dir="auto" style={{ overflowWrap: 'anywhere' }}>
        {sentenceOf(entry)}
      </Title>
      <Details>
        <Detail name="When">{`${entry.at.replace('T', ' ').replace('Z', '')} UTC`}</Detail>
        <Detail name="Action">
          <code>{entry.action}</code>
        </Detail>
        {entry.reason !== null && (
          <Detail name="Reason">
            <code>{entry.reason}</code>
          </Detail>
        )}
        <Detail name="Who">
          <div>
            <span dir="auto">{whoOf(actor)}</span>
            {actor.id !== null && <code style={{ display: 'block' }}>{actor.id}</code>}
          </div>
        </Detail>
        {object !== null && (
          <Detail name="About">
            <div>
              <code>{object.id}</code>
              <Anchor component="button" type="button" display="block" onClick={() => onNarrow(object.id)}>
                All that happened to it
              </Anchor>
            </div>
          </Detail>
        )}
        <Detail name="From">
          {entry.address === null
            ? 'The server itself'
            : `${entry.address}, ${agentWords[entry.agent ?? 'none']}`}
        </Detail>
        {entry.requestId !== null && (
          <Detail name="Request" help="It also stands in the server's log.">
            <code>{entry.requestId}</code>
          </Detail>
        )}
        <Detail name="Number">{entry.sequence}</Detail>
        <Detail name="Hash">
          <span className={classes['hash']}>{entry.hash}</span>
        </Detail>
      </Details>
      {(before !== null || after !== null) && <Changes before={before} after={after} />}
    </Stack>
  )
}

function Changes({ before, after }: { before: AuditState | null; after: AuditState | null }) {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])]
  return (
    <section>
      <Title order={3} size="h4" mb="sm">
        What changed
      </Title>
      <Table layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Field</Table.Th>
            <Table.Th>Before</Table.Th>
            <Table.Th>After</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}>
              <Table.Td>{name}</Table.Td>
              <Table.Td>
                <Value value={before?.[name]} />
              </Table.Td>
              <Table.Td>
                <Value value={after?.[name]} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  )
}

function Value({ value }: { value: unknown }) {
  if (value === undefined || value === null || value === '') return <Text c="dimmed">none</Text>
  return (
    <p className={classes['state']} dir="auto">
      {typeof value === 'string' ? value : JSON.stringify(value, null, 1)}
    </p>
  )
}
