import { endpoints, type Pass } from '@latchwork/contract'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { RoleNote } from '../access/RoleNote.tsx'
import { may } from '../access/role.ts'
import { patchOf } from '../api/patch.ts'
import { PageHeader } from '../ui/PageHeader.tsx'
import { Pending } from '../ui/Pending.tsx'
import { draftOf } from './draft.ts'
import { PassForm } from './PassForm.tsx'
import { passQuery, useUpdatePass } from './queries.ts'

/** Changes what a pass may do, until when and how much. Its token stays. */
export function ChangePassPage() {
  const { passId } = useParams({ from: '/shell/passes/$passId/change' })
  const query = useQuery(passQuery(passId))
  if (query.data === undefined) {
    return (
      <>
        <PageHeader title="Change a pass" />
        <Pending query={query} what="the pass" rows={3} rowHeight={120} />
      </>
    )
  }
  const mayChange = may(query.data, endpoints.passes.update)
  return (
    <>
      <PageHeader
        title={query.data.name}
        description={mayChange && 'What you change counts from the next call on. The token stays the same.'}
      />
      {mayChange ? <ChangeForm pass={query.data} /> : <RoleNote kind="pass" held={query.data} />}
    </>
  )
}

function ChangeForm({ pass }: { pass: Pass }) {
  /** Another's change that arrives meanwhile is no part of what this person saw. */
  const [seen] = useState(pass)
  const update = useUpdatePass(seen.id)
  const navigate = useNavigate()
  const back = () => void navigate({ to: '/passes/$passId', params: { passId: seen.id } })
  return (
    <PassForm
      initial={draftOf(seen)}
      pass={seen}
      label="Save"
      work={update}
      onSend={({ credentialId: _, expiresAt = seen.expiresAt, ...others }) =>
        update.mutate(patchOf(seen, { ...others, expiresAt }), { onSuccess: back })
      }
      onCancel={back}
    />
  )
}
