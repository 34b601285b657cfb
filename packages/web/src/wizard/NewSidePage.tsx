import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type SideKind, sideKeys } from '../sides/queries.ts'
import { sideWords } from '../sides/words.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { CreateError, saveSide } from './create.ts'
import { WizardPage } from './WizardPage.tsx'

/** New data source: the same three steps by themselves. */
export function NewSourcePage() {
  return <NewSidePage kind="source" />
}

/** New data destination. */
export function NewDestinationPage() {
  return <NewSidePage kind="destination" />
}

function NewSidePage({ kind }: { kind: SideKind }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation({ mutationFn: (work: () => Promise<{ id: string }>) => work() })
  return (
    <WizardPage
      title={sideWords[kind].newLabel}
      parts={[kind]}
      storageKey={`latchwork.new-${kind}`}
      closeTo={sideWords[kind].address}
      finish={({ wizard, names, connectors, finished }) => (
        <BusyButton
          busy={create.isPending}
          disabled={wizard.missing !== null}
          onClick={async () => {
            try {
              const { id } = await create.mutateAsync(() =>
                saveSide(kind, wizard.draft, names[kind], connectors),
              )
              await finished()
              void client.invalidateQueries({ queryKey: sideKeys.all(kind) })
              await navigate({ to: sideWords[kind].address, search: { id }, replace: true })
            } catch (error) {
              if (!(error instanceof CreateError)) throw error
              wizard.refuse(error.part, error.problem)
            }
          }}
        >
          Save {sideWords[kind].one}
        </BusyButton>
      )}
    />
  )
}
