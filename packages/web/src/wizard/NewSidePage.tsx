import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type EndKind, endKeys } from '../sides/queries.ts'
import { endWords } from '../sides/words.ts'
import { CreateError, saveEnd } from './create.ts'
import { WizardPage } from './WizardPage.tsx'

/** New data source: the same three steps by themselves. */
export function NewSourcePage() {
  return <NewEndPage kind="source" />
}

/** New data destination. */
export function NewDestinationPage() {
  return <NewEndPage kind="destination" />
}

function NewEndPage({ kind }: { kind: EndKind }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const create = useMutation({ mutationFn: (work: () => Promise<{ id: string }>) => work() })
  return (
    <WizardPage
      title={endWords[kind].newLabel}
      parts={[kind]}
      storageKey={`latchwork.new-${kind}`}
      closeTo={endWords[kind].address}
      finish={({ wizard, names, connectors, finished }) => (
        <Button
          loading={create.isPending}
          disabled={wizard.missing !== null}
          onClick={async () => {
            try {
              const { id } = await create.mutateAsync(() =>
                saveEnd(kind, wizard.draft, names[kind], connectors),
              )
              finished()
              void client.invalidateQueries({ queryKey: endKeys.all(kind) })
              await navigate({ to: endWords[kind].address, search: { id: id } })
            } catch (error) {
              if (!(error instanceof CreateError)) throw error
              wizard.refuse(error.part, error.problem)
            }
          }}
        >
          Save {endWords[kind].one}
        </Button>
      )}
    />
  )
}
