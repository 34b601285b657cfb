import type { ConnectorDefinition, Credential } from '@latchwork/contract'
import { useMediaQuery } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { AddCredentialForm } from './AddCredential.tsx'
import { Expired, type FormHandle } from './FormOverlay.tsx'
import { credentialListQuery } from './queries.ts'
import { useReturned } from './useAuthorization.ts'

/**
 * Whether a connector (null: none) has no credential yet that the person could choose. Once it had none it stays so
 * until another connector is asked about: a form that somebody fills in must not vanish.
 */
export function useHasNoCredential(connector: string | null): boolean {
  const list = useInfiniteQuery({
    ...credentialListQuery({ connector: connector ?? '', query: '' }),
    enabled: connector !== null,
  })
  const [hadNone, setHadNone] = useState<string | null>(null)
  const isEmpty = list.data?.pages[0]?.items.length === 0 && !list.isPlaceholderData
  const hasNone = connector !== null && (hadNone === connector || isEmpty)
  const next = hasNone ? connector : null
  if (hadNone !== next) setHadNone(next)
  return hasNone
}

interface FirstCredentialProps {
  connector: ConnectorDefinition
  onBack(): void
  onSaved(credential: Credential): void
}

/** Add New Credential as part of a page, where there is none to choose yet. */
export function FirstCredential({ connector, onBack, onSaved }: FirstCredentialProps) {
  const narrow = useMediaQuery('(max-width: 63.99em)', undefined, { getInitialValueInEffect: false })
  const handle = useRef<FormHandle['current']>({ isChanged: false, discard: () => undefined })
  const { returnedDraft: draft, isGone } = useReturned()
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
  }, [])
  return (
    <div ref={place}>
      {isGone && <Expired />}
      <AddCredentialForm
        key={draft?.credential.id ?? 'new'}
        {...{ connector, narrow, handle, onSaved }}
        returned={draft}
        inline
        onCancel={onBack}
      />
    </div>
  )
}
