import { freeName, type Pass, type PassCreate } from '@latchwork/contract'
import { Button, Stack, TextInput, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react'
import { credentialQuery } from '../credentials/queries.ts'
import { BusyButton } from '../ui/BusyButton.tsx'
import { DescriptionField } from '../ui/DescriptionField.tsx'
import { focusFirstFault } from '../ui/first-fault.ts'
import { ProblemAlert, problemOf } from '../ui/ProblemAlert.tsx'
import { CredentialPart } from './CredentialPart.tsx'
import { type Faults, type PassDraft, placeOf, readDraft, suggestedName } from './draft.ts'
import { FurtherPart } from './FurtherPart.tsx'
import { PassSentence } from './PassSentence.tsx'
import classes from './passes.module.css'
import { takenNamesQuery } from './queries.ts'
import { SharePart } from './SharePart.tsx'
import { UntilPart } from './UntilPart.tsx'
import { WhatPart } from './WhatPart.tsx'

interface PassFormProps {
  initial: PassDraft
  /** The pass that is being changed; null: a new one is made. */
  pass: Pass | null
  /** Sends the form. */
  label: string
  work: { readonly isPending: boolean; readonly error: unknown; reset(): void }
  onSend(body: PassCreate, draft: PassDraft): void
  onCancel(): void
}

/** What a pass may do, until when and how much; beside it in a sentence what that means. */
export function PassForm({ initial, pass, label, work, onSend, onCancel }: PassFormProps) {
  const [draft, setDraft] = useState(initial)
  const [isSent, setSent] = useState(false)
  const form = useRef<HTMLFormElement>(null)
  const nowMs = useNowOnce()
  const name = useSuggestedName(draft)
  const { body, faults: found } = readDraft(draft, name, nowMs)
  const refused = refusalsOf(work.error)
  const faults = { ...refused, ...(isSent ? found : {}) }
  const change = (changes: Partial<PassDraft>) => {
    if (work.error !== null) work.reset()
    setDraft((now) => changed(now, changes))
  }
  const send = (event: FormEvent) => {
    event.preventDefault()
    setSent(true)
    if (body === null) focusFirstFault(form.current)
    else onSend(body, draft)
  }
  const parts = { draft, faults, onChange: change }
  return (
    <form ref={form} onSubmit={send} noValidate autoComplete="off">
      <div className={classes['making']}>
        <Stack gap="lg" miw={0}>
          <Part title="Account">
            <CredentialPart {...parts} pass={pass} />
          </Part>
          <Part title="What it may do">
            <WhatPart {...parts} />
          </Part>
          <Part title="Until when">
            <UntilPart {...parts} pass={pass} nowMs={nowMs} />
          </Part>
          <Part title="How much">
            <SharePart {...parts} />
          </Part>
          <Part title="Who uses it">
            <TextInput
              label="Name"
              required
              maxLength={200}
              dir="auto"
              value={draft.name ?? name}
              error={faults.name}
              description="The audit log and alerts use this name."
              onChange={({ currentTarget: { value } }) => change({ name: value })}
            />
            <DescriptionField
              label="Purpose"
              description="Who uses it, and for what."
              value={draft.purpose}
              error={faults.purpose}
              onChange={(purpose) => change({ purpose })}
            />
          </Part>
          <FurtherPart {...parts} />
        </Stack>
        <PassSentence draft={draft} pass={pass} nowMs={nowMs} />
      </div>
      <div className={classes['footer']}>
        <div className={classes['reason']}>
          {work.error !== null && Object.keys(refused).length === 0 && <ProblemAlert error={work.error} />}
        </div>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          Cancel
        </Button>
        <BusyButton type="submit" busy={work.isPending}>
          {label}
        </BusyButton>
      </div>
    </form>
  )
}

/** A smart view is of the account of one credential. */
function changed(now: PassDraft, changes: Partial<PassDraft>): PassDraft {
  const next = { ...now, ...changes }
  if (next.credentialId === now.credentialId || now.credentialId === null) return next
  const { smartView: _, ...rules } = next.rules
  return { ...next, rules }
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  const id = useId()
  return (
    <section aria-labelledby={id} className={classes['part']}>
      <Title id={id} order={2} size="h4">
        {title}
      </Title>
      {children}
    </section>
  )
}

/** The time at which the form was opened: what is chosen stays the same while it is filled in. */
function useNowOnce(): number {
  const [nowMs] = useState(() => Date.now())
  return nowMs
}

/** A name after what was chosen, which no other pass of this person has. */
function useSuggestedName({ rules, credentialId }: PassDraft): string {
  const { data: credential } = useQuery({
    ...credentialQuery(credentialId ?? ''),
    enabled: credentialId !== null,
  })
  const name = suggestedName(rules.objects, credential?.name ?? null)
  const { data: taken = [] } = useQuery(takenNamesQuery(name))
  return freeName(name, taken)
}

/** What the server refused, at its place in the form. */
function refusalsOf(error: unknown): Faults {
  const problem = problemOf(error)
  if (problem?.code === 'name_taken') return { name: problem.detail }
  const named = (problem?.errors ?? []).map(({ field, message }) => [placeOf(field), message] as const)
  return Object.fromEntries(named)
}
