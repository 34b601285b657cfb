import type { Pass } from '@latchwork/contract'
import { Stack } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { PageHeader } from '../ui/PageHeader.tsx'
import { ShownOnce } from '../ui/ShownOnce.tsx'
import { newDraft } from './draft.ts'
import { PassForm } from './PassForm.tsx'
import { RuleWords } from './PassSentence.tsx'
import classes from './passes.module.css'
import { useCreatePass } from './queries.ts'
import { Snippets } from './Snippets.tsx'

/** Makes a pass, then shows its token this once, with what to do with it. */
export function NewPassPage() {
  const navigate = useNavigate()
  const make = useCreatePass()
  if (make.data !== undefined) return <PassMade {...make.data} />
  return (
    <>
      <PageHeader
        title="New pass"
        description="For one script, agent or person: what may it do in Close, until when, and how much?"
      />
      <PassForm
        initial={newDraft}
        pass={null}
        label="Make the pass"
        work={make}
        onSend={(body) => make.mutate(body)}
        onCancel={() => void navigate({ to: '/passes' })}
      />
    </>
  )
}

function PassMade({ pass, token }: { pass: Omit<Pass, 'yourRole'>; token: string }) {
  const navigate = useNavigate()
  return (
    <>
      <PageHeader title={pass.name} description="The pass is made." />
      <Stack gap="lg" maw={720}>
        <section className={classes['part']} aria-label="The token">
          <ShownOnce
            label="Token"
            value={token}
            message="Copy the token now. It is shown only this once. Give it only to whoever uses this pass."
            onClose={() => void navigate({ to: '/passes/$passId', params: { passId: pass.id } })}
          >
            <Snippets rules={pass.rules} token={token} />
          </ShownOnce>
        </section>
        <div className={classes['words']}>
          <RuleWords {...pass} credentialId={pass.credential.id} />
        </div>
      </Stack>
    </>
  )
}
