import type { FlowDraft, FlowOverlaps, User } from '@latchwork/contract'
import type { Credentials } from '../credentials/service/service.ts'
import type { Files } from '../files/files.ts'
import { namedFile } from '../files/for-connector.ts'
import { memberOf } from '../identity/rules.ts'
import { type OverlapParts, overlapsAmong } from './overlaps.ts'
import { storedConfig } from './sides/form.ts'
import { ifAsked } from './sides/lacking.ts'
import { connectorFor, type Sides } from './sides/sides.ts'
import type { SideKind } from './store/sides.ts'

export interface DraftParts extends OverlapParts {
  readonly sources: Pick<Sides, 'find'>
  readonly destinations: Pick<Sides, 'find'>
  readonly credentials: Pick<Credentials, 'find'>
  readonly files: Pick<Files, 'checkWritable'>
}

/**
 * Flows that write to a table or file of one that is not saved yet.
 * @throws {LatchworkError} `source_not_found`, `destination_not_found`, `credential_not_found`, `forbidden`,
 * `connector_unknown`
 */
export async function overlapsOfDraft(
  parts: DraftParts,
  { source, destination, streams, schema }: FlowDraft,
  user: User,
): Promise<FlowOverlaps> {
  const [from, to] = [
    await sideOf(parts, 'source', source, user),
    await sideOf(parts, 'destination', destination, user),
  ]
  const { credentialId } = to
  const credential = credentialId === null ? null : await parts.credentials.find(credentialId)
  const connector = connectorFor(parts.connectors, 'destination', to.connector)
  const named = namedFile(connector, storedConfig(connector, 'destination', to.config))
  const file = named === null ? null : await ifAsked(() => parts.files.checkWritable(user.id, named))
  const draft = {
    ...{ id: '', name: '', ownerId: user.id, streams, schema, source: from, destination: to, moved: [] },
    values: credential?.values ?? {},
    file: file === null || file.ownerId === null ? null : { name: file.name, ownerId: file.ownerId },
  }
  const flows = await parts.stores.flows.beside({ connector: to.connector })
  return overlapsAmong(parts, draft, flows, user)
}

async function sideOf(parts: DraftParts, kind: SideKind, side: FlowDraft['source'], user: User) {
  const [thing, found] =
    'id' in side
      ? [{ kind, id: side.id }, await parts[`${kind}s`].find(side.id)]
      : [side.credentialId === null ? null : { kind: 'credential' as const, id: side.credentialId }, side]
  if (thing !== null) await parts.rules.require(memberOf(user), 'collaborator', thing)
  return found
}
