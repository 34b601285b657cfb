import { type Credential, descriptionSchema, endpoints, nameSchema } from '@latchwork/contract'
import { useQueryClient } from '@tanstack/react-query'
import { may } from '../access/role.ts'
import { api } from '../api/client.ts'
import { EditInPlace } from './EditInPlace.tsx'
import { descriptionLabel, nameLabel } from './form-rules.ts'
import { keepChanged } from './queries.ts'

/** Name and description, edited where they stand. */
export function CredentialTexts({ credential }: { credential: Credential }) {
  const client = useQueryClient()
  const editable = may(credential, endpoints.credentials.update)
  const change = async (body: { name?: string; description?: string }) => {
    keepChanged(client, await api.credentials.update({ params: { id: credential.id }, body }))
  }
  return (
    <div>
      <EditInPlace
        label={nameLabel}
        what="name"
        value={credential.name}
        empty="Draft without a name"
        schema={nameSchema}
        heading
        editable={editable}
        onSave={(name) => change({ name })}
      />
      <EditInPlace
        label={descriptionLabel}
        what="description"
        value={credential.description}
        empty={editable ? 'No description. Say what it is for and until when it is good.' : 'No description.'}
        schema={descriptionSchema}
        multiline
        editable={editable}
        onSave={(description) => change({ description })}
      />
    </div>
  )
}
